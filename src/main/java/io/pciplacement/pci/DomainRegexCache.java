package io.pciplacement.pci;

import com.google.re2j.Pattern;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bounded LRU cache of compiled domain expressions. It is only used for domains that {@link AddressRegex} does not
 * evaluate in advance.
 */
final class DomainRegexCache {

    static final DomainRegexCache SHARED = new DomainRegexCache(64);

    private final Map<String, Pattern> programs;

    DomainRegexCache(int capacity) {
        programs = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Pattern> eldest) {
                return size() > capacity;
            }
        };
    }

    /** @param expression an expression that {@link RegexLimits} allows */
    boolean matches(String expression, int domain) {
        Pattern program;
        synchronized (programs) {
            program = programs.computeIfAbsent(expression, Pattern::compile);
        }
        return program.matcher("%04x".formatted(domain)).lookingAt();
    }

    int programCount() {
        synchronized (programs) {
            return programs.size();
        }
    }
}
