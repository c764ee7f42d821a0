const picture = (place, {svg, file}) => {
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
      link.download = file;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg);
};
const copied = async text => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");  // over plain HTTP in a network there is no clipboard to write to
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
};
export default function({data, parentElement}) {
  const place = parentElement.querySelector(".place"), text = JSON.stringify(data);
  if (place.drawn === text) return;
  place.drawn = text;
  place.replaceChildren(...data.map(one => {
    const button = document.createElement("button"), said = document.createElement("span");
    button.type = "button";
    button.textContent = one.label;
    said.role = "status";
    button.onclick = async () => {
      if (one.svg) return picture(place, one);
      try { await copied(one.copy); said.textContent = "Copied"; }
      catch { said.textContent = one.copy; }
      setTimeout(() => said.textContent = "", 4000);
    };
    const both = document.createElement("span");
    both.append(button, said);
    return both;
  }));
}
