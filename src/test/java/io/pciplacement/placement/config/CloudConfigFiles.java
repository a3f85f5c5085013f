package io.pciplacement.placement.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The directories and the environment from which {@link CloudsYaml} reads. */
final class CloudConfigFiles {

    final Path home;
    final Path work;
    final Map<String, String> env = new HashMap<>();

    CloudConfigFiles(Path dir) throws IOException {
        home = dir.resolve("home");
        Files.createDirectories(home.resolve(".config/openstack"));
        work = Files.createDirectories(dir.resolve("work"));
        env.put("HOME", home.toString());
    }

    CloudsYaml.Loaded load() {
        return new CloudsYaml(env, work).load();
    }

    CloudConfig loadCloud() {
        return load().cloud();
    }

    /** Writes a clouds.yaml with one cloud of these settings and reads it. */
    CloudConfig loadCloud(String settings) throws IOException {
        Files.writeString(work.resolve("clouds.yaml"), "clouds:\n  c:\n" + settings.indent(4));
        return loadCloud();
    }
}
