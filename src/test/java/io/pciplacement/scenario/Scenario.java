package io.pciplacement.scenario;

import java.util.List;
import java.util.Optional;

/**
 * What happens to one host, step by step. Each has a folder of its own; its README tells the format.
 *
 * @param name the folder's name
 */
public record Scenario(String name, About about, List<Step> steps) {

    /**
     * What a scenario is about.
     *
     * @param title what it shows, in one sentence
     * @param nova the name of Nova's test that it stands for, where it stands for one
     * @param same what comes out as in Nova
     * @param better what comes out better than in Nova
     */
    public record About(String title, Optional<String> nova, Optional<String> same, Optional<String> better) {

        public About {
            if (title == null || title.isBlank()) {
                throw new IllegalArgumentException("a scenario needs a title");
            }
            if (same.isEmpty() && better.isEmpty()) {
                throw new IllegalArgumentException("say what is the same, or what is better");
            }
        }
    }

    /** The host that the scenario has to itself. */
    public String host() {
        return name.replace('_', '-');
    }
}
