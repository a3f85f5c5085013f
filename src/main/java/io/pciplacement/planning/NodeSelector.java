package io.pciplacement.planning;

import java.util.List;
import java.util.Map;

/**
 * Which nodes a spec is for: labels that must be as given, and expressions that must hold. Nothing given selects every
 * node.
 */
public record NodeSelector(Map<String, String> matchLabels, List<Expression> matchExpressions) {

    public static final NodeSelector ALL = new NodeSelector(Map.of(), List.of());

    public NodeSelector {
        matchLabels = Map.copyOf(matchLabels);
        matchExpressions = List.copyOf(matchExpressions);
    }

    /** The operators of a Kubernetes label selector. */
    public enum Operator {
        In,
        NotIn,
        Exists,
        DoesNotExist
    }

    /** One requirement on one label. As in Kubernetes, a label that is absent satisfies NotIn. */
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
        // Loops, and nothing for the many that select every node: each host is held against each spec.
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
