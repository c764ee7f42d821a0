FROM python:3.13.9-slim-bookworm
WORKDIR /srv/escape
COPY requirements.txt constraints.txt ./
RUN pip install --no-cache-dir -r requirements.txt && useradd --create-home --uid 1000 escape && install -d -o escape /home/escape/.escape
COPY . .
USER escape
EXPOSE 8501
ENV ESCAPE_HOSTED=1
HEALTHCHECK CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=3)"]
CMD ["python", "-m", "escape", "serve", "--network", "--port", "8501"]
