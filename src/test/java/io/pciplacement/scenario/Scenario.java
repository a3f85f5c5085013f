package io.pciplacement.scenario;

import java.util.List;
import java.util.Optional;

/**
 * Scenario of one host: a sequence of steps, each with expectations. The README of the scenarios describes the format.
 *
 * @param name the directory's name
 */
public record Scenario(String name, About about, List<Step> steps) {

    /**
     * Description of a scenario.
     *
     * @param title the subject of the scenario, in one sentence
     * @param nova name of the corresponding test of Nova, if any
     * @param same the behavior in common with Nova
     * @param better the differences from Nova in favor of the operator
     */
    public record About(String title, Optional<String> nova, Optional<String> same, Optional<String> better) {

        public About {
            if (title == null || title.isBlank()) {
                throw new IllegalArgumentException("a scenario needs a title");
            }
            if (same.isEmpty() && better.isEmpty()) {
                throw new IllegalArgumentException("a scenario needs 'same' or 'better'");
            }
        }
    }

    /** Returns the name of the scenario's own host. */
    public String host() {
        return name.replace('_', '-');
    }
}
