package io.pciplacement.planning.claim;

import java.util.Arrays;

/**
 * Maximum flow from requests to groups of equivalent providers: how many units of each request can be assigned at the
 * same time. Reused for many computations, as it is the innermost step of a search. Not thread-safe.
 */
final class RequestFlow {

    private final int[] capacities;
    private final int[] free;
    private final int[][] assigned;
    private final boolean[] visited;

    /** @param capacities units of each group */
    RequestFlow(int requests, int[] capacities) {
        this.capacities = capacities;
        this.free = new int[capacities.length];
        this.assigned = new int[requests][capacities.length];
        this.visited = new boolean[requests];
    }

    /**
     * Assigns as many units as possible.
     *
     * @param counts units of each request
     * @param domains groups that each request may use, as bit sets
     * @param included requests that are computed, as a bit set
     * @return how many units cannot be assigned
     */
    int computeShortage(int[] counts, long[][] domains, int included) {
        System.arraycopy(capacities, 0, free, 0, capacities.length);
        int shortage = 0;
        for (int request = 0; request < counts.length; request++) {
            Arrays.fill(assigned[request], 0);
        }
        for (int request = 0; request < counts.length; request++) {
            if ((included >>> request & 1) != 0) {
                shortage += assign(request, counts[request], domains);
            }
        }
        return shortage;
    }

    /** Whether all units of the included requests can be assigned. */
    boolean isFeasible(int[] counts, long[][] domains, int included) {
        return computeShortage(counts, domains, included) == 0;
    }

    /** Returns how many units of a request the last computation has assigned. */
    int assignedUnits(int request) {
        return Arrays.stream(assigned[request]).sum();
    }

    private int assign(int request, int count, long[][] domains) {
        int missing = count - assignFree(request, count, domains[request]);
        while (missing > 0) {
            Arrays.fill(visited, false);
            int moved = augment(request, missing, domains);
            if (moved == 0) {
                return missing;
            }
            missing -= moved;
        }
        return 0;
    }

    private int assignFree(int request, int count, long[] domain) {
        int missing = count;
        for (int word = 0; word < domain.length && missing > 0; word++) {
            for (long bits = domain[word]; bits != 0 && missing > 0; bits &= bits - 1) {
                int group = word * Long.SIZE + Long.numberOfTrailingZeros(bits);
                int units = Math.min(missing, free[group]);
                free[group] -= units;
                assigned[request][group] += units;
                missing -= units;
            }
        }
        return count - missing;
    }

    /** Assigns up to a number of units by moving units of other requests; returns how many, 0 if none can be moved. */
    private int augment(int request, int wanted, long[][] domains) {
        visited[request] = true;
        int direct = assignFree(request, wanted, domains[request]);
        if (direct > 0) {
            return direct;
        }
        for (int other = 0; other < visited.length; other++) {
            if (!visited[other]) {
                int group = findSharedGroup(request, other, domains);
                if (group >= 0) {
                    int moved = augment(other, Math.min(wanted, assigned[other][group]), domains);
                    if (moved > 0) {
                        assigned[other][group] -= moved;
                        assigned[request][group] += moved;
                        return moved;
                    }
                }
            }
        }
        return 0;
    }

    /** Returns a group of the request's domain of which another request has units; -1 if there is none. */
    private int findSharedGroup(int request, int other, long[][] domains) {
        long[] domain = domains[request];
        int[] units = assigned[other];
        for (int word = 0; word < domain.length; word++) {
            for (long bits = domain[word]; bits != 0; bits &= bits - 1) {
                int group = word * Long.SIZE + Long.numberOfTrailingZeros(bits);
                if (units[group] > 0) {
                    return group;
                }
            }
        }
        return -1;
    }
}
