package io.pciplacement.pci;

import com.google.re2j.Pattern;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Cache of the programs of domain expressions, of a bounded size. Only the unusual domains need it: there are too many
 * to evaluate an expression for each of them beforehand.
 */
final class DomainRegexCache {

    static final DomainRegexCache SHARED = new DomainRegexCache(64);

    private final Map<String, Pattern> byExpression;

    DomainRegexCache(int capacity) {
        byExpression = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Pattern> eldest) {
                return size() > capacity;
            }
        };
    }

    /** @param expression one that {@link RegexLimits} allows */
    boolean matches(String expression, int domain) {
        Pattern program;
        synchronized (byExpression) {
            program = byExpression.computeIfAbsent(expression, Pattern::compile);
        }
        return program.matcher("%04x".formatted(domain)).lookingAt();
    }

    int size() {
        synchronized (byExpression) {
            return byExpression.size();
        }
    }
}
