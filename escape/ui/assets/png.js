export default function({data, parentElement}) {
  const place = parentElement.querySelector(".place");
  place.replaceChildren(...Object.entries(data).map(([name, [label, svg]]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.onclick = () => {
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        const [, width, height] = svg.match(/viewBox="\S+ \S+ (\S+) (\S+)"/);
        canvas.width = 2 * width;
        canvas.height = 2 * height;
        const pen = canvas.getContext("2d");
        pen.fillStyle = getComputedStyle(place).getPropertyValue("--st-background-color");
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(blob => {
          const link = document.createElement("a");
          link.href = URL.createObjectURL(blob);
          link.download = name;
          link.click();
          setTimeout(() => URL.revokeObjectURL(link.href), 10000);
        });
      };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
    };
    return button;
  }));
}
