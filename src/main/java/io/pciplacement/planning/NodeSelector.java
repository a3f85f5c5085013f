package io.pciplacement.planning;

import java.util.List;
import java.util.Map;

/** Kubernetes label selector of nodes. An empty selector matches every node. */
public record NodeSelector(Map<String, String> matchLabels, List<Expression> matchExpressions) {

    public static final NodeSelector ALL = new NodeSelector(Map.of(), List.of());

    public NodeSelector {
        matchLabels = Map.copyOf(matchLabels);
        matchExpressions = List.copyOf(matchExpressions);
    }

    /** Operators of a Kubernetes label selector. */
    public enum Operator {
        In,
        NotIn,
        Exists,
        DoesNotExist
    }

    /** Requirement on one label. As in Kubernetes, a missing label satisfies NotIn. */
    public record Expression(String key, Operator operator, List<String> values) {

        public Expression {
            values = List.copyOf(values);
        }

        boolean matches(Map<String, String> labels) {
            return switch (operator) {
                case In -> labels.containsKey(key) && values.contains(labels.get(key));
                case NotIn -> !labels.containsKey(key) || !values.contains(labels.get(key));
                case Exists -> labels.containsKey(key);
                case DoesNotExist -> !labels.containsKey(key);
            };
        }
    }

    public boolean matches(Map<String, String> labels) {
        // Loops without allocations, because every host is matched against every spec.
        for (Map.Entry<String, String> label : matchLabels.entrySet()) {
            if (!label.getValue().equals(labels.get(label.getKey()))) {
                return false;
            }
        }
        for (Expression expression : matchExpressions) {
            if (!expression.matches(labels)) {
                return false;
            }
        }
        return true;
    }
}
