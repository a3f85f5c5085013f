"""Writes a container image as a tar for docker, podman and containerd: the layers of a base, and target/quarkus-app.

The image is reproducible: entries are sorted, have no modification times, and are owned by root.

image.py --program FILE NAME OUTPUT: writes an image of one static program, for hack/e2e.
"""
import argparse
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

EPOCH = "1970-01-01T00:00:00Z"
PASSWD = b"root:x:0:0::/:/sbin/nologin\nnonroot:x:65532:65532::/:/sbin/nologin\n"
GROUP = b"root:x:0:\nnonroot:x:65532:\n"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Layer:
    """A layer in memory: entries by their path in the image."""

    def __init__(self):
        self.entries = {}

    def put(self, path, kind=tarfile.REGTYPE, data=b"", mode=0o644, target=""):
        for parent in reversed(pathlib.PurePosixPath(path).parents):
            if str(parent) != ".":
                self.entries.setdefault(str(parent), (tarfile.DIRTYPE, b"", 0o755, ""))
        self.entries[path] = (kind, data, mode, target)

    def copy(self, source, path, directory_mode=None):
        """Copies a file or a directory tree of this machine. Directories keep their mode unless directory_mode is set."""
        if source.is_symlink():
            self.put(path, tarfile.SYMTYPE, target=os.readlink(source))
        elif source.is_dir():
            self.put(path, tarfile.DIRTYPE, mode=directory_mode or source.stat().st_mode & 0o1777)
            for child in source.iterdir():
                self.copy(child, f"{path}/{child.name}", directory_mode)
        else:
            self.put(path, data=source.read_bytes(), mode=0o755 if os.access(source, os.X_OK) else 0o644)

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in sorted(self.entries):
                kind, data, mode, target = self.entries[path]
                info = tarfile.TarInfo(path)
                info.type, info.size, info.mode, info.linkname = kind, len(data), mode, target
                tar.addfile(info, io.BytesIO(data))
        return out.getvalue()


def libraries(runtime):
    """Paths of the shared libraries of this machine, including the loader, that a Java runtime requires."""
    found = set()
    # java.desktop is included for java.beans only, so its graphics libraries are not required.
    graphics = re.compile("awt|splashscreen|jsound|font|mlib|lcms|freetype|javajpeg")
    for file in [runtime / "bin/java", *sorted(runtime.glob("lib/**/*.so"))]:
        if graphics.search(file.name):
            continue
        text = subprocess.run(["ldd", file], capture_output=True, text=True, check=False).stdout
        for path in re.findall(r"(/\S+) \(0x", text):
            if not path.startswith(str(runtime)):
                found.add(path)
    # Loaded by name at run time, for name resolution.
    for library in list(found):
        for more in ("libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"):
            beside = pathlib.Path(library).parent / more
            if "libc.so" in library and beside.exists():
                found.add(str(beside))
    return sorted(found)


def base_of_jdk(runtime):
    layer = Layer()
    # Independent of the umask of the build: in the image, the user is not the owner of the files.
    layer.copy(runtime, "opt/java", directory_mode=0o755)
    for library in libraries(runtime):
        layer.put(library.lstrip("/"), data=pathlib.Path(library).read_bytes(), mode=0o755)
    layer.put("etc/passwd", data=PASSWD)
    layer.put("etc/group", data=GROUP)
    layer.put("etc/nsswitch.conf", data=b"hosts: files dns\n")
    layer.put("tmp", tarfile.DIRTYPE, mode=0o1777)
    return [layer.tar()], {"Env": ["PATH=/opt/java/bin", "JAVA_HOME=/opt/java"]}, MACHINES[os.uname().machine]


def base_of_directory(directory, architecture):
    layer = Layer()
    for child in directory.iterdir():
        layer.copy(child, child.name)
    return [layer.tar()], {"Env": ["PATH=/opt/java/bin:/usr/local/bin:/usr/bin:/bin"]}, architecture


def base_of_image(file):
    with tarfile.open(file) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
        if len(manifest) != 1:
            sys.exit(f"error: {file} contains {len(manifest)} images: save a single image of one architecture")
        config = json.load(tar.extractfile(manifest[0]["Config"]))
        layers = [tar.extractfile(name).read() for name in manifest[0]["Layers"]]
    ids = ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]
    if ids != config["rootfs"]["diff_ids"]:
        sys.exit(f"error: the layers of {file} are compressed: save the image as docker-archive with docker, podman or skopeo")
    kept = {key: value for key, value in config.get("config", {}).items() if key in ("Env", "Labels")}
    return layers, kept, config["architecture"]


def sbom(app, file):
    """The SBOM of the Maven build, without the components that are not in the image.

    These are libraries that Quarkus leaves out, one of which depends on the architecture of the build machine.
    """
    bom = json.loads(file.read_text())
    included, missing = set(), {jar.name for jar in app.glob("lib/*/*.jar")}
    for component in bom["components"]:
        name = f"{component['group']}.{component['name']}-{component['version']}.jar"
        if name in missing:
            missing.remove(name)
            included.add(component["bom-ref"])
    if missing:
        sys.exit(f"error: {file} does not list {', '.join(sorted(missing))}: build the programs and the SBOM with mvn package")
    included.add(bom["metadata"]["component"]["bom-ref"])
    bom["components"] = [component for component in bom["components"] if component["bom-ref"] in included]
    bom["dependencies"] = [entry | {"dependsOn": [ref for ref in entry.get("dependsOn", ()) if ref in included]}
                           for entry in bom["dependencies"] if entry["ref"] in included]
    return bom


def only(app, pattern):
    found = sorted(app.glob(pattern))
    if len(found) != 1:
        sys.exit(f"error: found {len(found)} files {pattern} below {app}, expected one: build the programs with mvn package")
    return found[0]


def programs(app):
    """Two layers: the libraries, which change rarely, and the classes of this project."""
    libs, classes = Layer(), Layer()
    for path in sorted(path for path in app.rglob("*") if path.is_file() and path.name != "quarkus-app-dependencies.txt"):
        place = f"app/{path.relative_to(app)}"
        (libs if "/lib/" in place else classes).put(place, data=path.read_bytes())
    # Stable names for the class path of the agent.
    main = only(app, "app/*.jar")
    core = only(app, "lib/main/com.fasterxml.jackson.core.jackson-core-*.jar")
    classes.put("app/agent/app.jar", tarfile.SYMTYPE, target=f"../app/{main.name}")
    classes.put("app/agent/jackson-core.jar", tarfile.SYMTYPE, target=f"../lib/main/{core.name}")
    return [libs.tar(), classes.tar()]


def agent_cache(file):
    """The agent's AOT cache. It is a separate layer, because it differs for each JVM."""
    layer = Layer()
    layer.put("app/agent/agent.aot", data=file.read_bytes())
    return layer.tar()


def write(name, layers, config, architecture, output):
    """Writes the tar of an image; returns its digest."""
    digests = [hashlib.sha256(layer).hexdigest() for layer in layers]
    image = json.dumps({
        "architecture": architecture,
        "os": "linux",
        "created": EPOCH,
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest for digest in digests]},
        "history": [{"created": EPOCH, "created_by": "hack/image"} for _ in layers],
    }, sort_keys=True).encode()
    digest = hashlib.sha256(image).hexdigest()
    whole = Layer()
    whole.put(f"{digest}.json", data=image)
    whole.put("manifest.json", data=json.dumps([{
        "Config": f"{digest}.json",
        "RepoTags": [name],
        "Layers": [f"{digest}.tar" for digest in digests],
    }]).encode())
    for layer_digest, layer in zip(digests, layers):
        whole.put(f"{layer_digest}.tar", data=layer)
    output.write_bytes(whole.tar())
    return digest


def main():
    parser = argparse.ArgumentParser()
    for option in ("base", "app", "sbom", "name", "output"):
        parser.add_argument("--" + option, required=True)
    parser.add_argument("--architecture")
    parser.add_argument("--agent-cache", type=pathlib.Path)
    args = parser.parse_args()
    app = pathlib.Path(args.app)
    if args.base.startswith("jdk:"):
        layers, config, architecture = base_of_jdk(pathlib.Path(args.base[4:]))
    elif os.path.isdir(args.base):
        layers, config, architecture = base_of_directory(pathlib.Path(args.base), args.architecture or MACHINES[os.uname().machine])
    else:
        layers, config, architecture = base_of_image(args.base)
    if args.architecture not in (None, architecture):
        sys.exit(f"error: {args.base} is for {architecture}, not for {args.architecture}: use another --base")
    layers += programs(app)
    if args.agent_cache:
        layers.append(agent_cache(args.agent_cache))
    config |= {"User": "65532:65532", "WorkingDir": "/app", "Entrypoint": ["java", "-jar", "/app/quarkus-run.jar"]}
    digest = write(args.name, layers, config, architecture, pathlib.Path(args.output))
    pathlib.Path(args.output + ".cdx.json").write_text(json.dumps(sbom(app, pathlib.Path(args.sbom)), indent=1) + "\n")
    print(f"sha256:{digest}")


def one_program(file, name, output):
    """Writes an image of one static program."""
    layer = Layer()
    layer.put(file.name, data=file.read_bytes(), mode=0o755)
    config = {"User": "65532:65532", "Entrypoint": ["/" + file.name]}
    write(name, [layer.tar()], config, MACHINES[os.uname().machine], output)


if sys.argv[1:2] == ["--program"]:
    one_program(pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4]))
else:
    main()
