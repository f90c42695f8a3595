# What does the server need to run? Python, the pinned packages, this code and GraphiQL's files.

FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.txt requirements-explorer.txt ./
RUN python -m venv /server \
    && /server/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.txt \
    && python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements-explorer.txt
COPY . .
RUN python -m graphql_api.graphiql.fetch && /server/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
COPY --from=build /server /server
RUN useradd --create-home --uid 10001 sales && install --directory --owner=sales /data
USER sales
WORKDIR /data
VOLUME /data
ENV PATH=/server/bin:$PATH PYTHONUNBUFFERED=1 SALES_DATA_DIRECTORY=/data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["sales-graphql", "serve", "--host", "0.0.0.0", "--port", "8000"]
