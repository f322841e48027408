# The Python original as people run it in containers.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3-bpfcc \
 && rm -rf /var/lib/apt/lists/*
COPY tests/data/original /original
WORKDIR /original
ENTRYPOINT ["/usr/bin/python3", "-u", "disksnoop.py"]
