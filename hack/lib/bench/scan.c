/* scan ROOT ROUNDS: reads the same files of ROOT/bus/pci/devices as the agent; the reference for the speed of its scan.
   Prints the median of ROUNDS scans in microseconds (elapsed time and CPU time), and the number of devices. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int read_number(int dir, const char *name, int base, long *value) {
    char text[64];
    int file = openat(dir, name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return 0;
    text[length] = 0;
    *value = strtol(text, NULL, base);
    return 1;
}

static int read_link(int dir, const char *name) {
    char text[4096];
    return readlinkat(dir, name, text, sizeof text) > 0;
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int list(const char *path, char ***names) {
    int count = 0, capacity = 0;
    DIR *stream = opendir(path);
    if (!stream) { perror(path); exit(1); }
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (entry->d_name[0] == '.') continue;
        if (count == capacity) *names = realloc(*names, (capacity = capacity ? 2 * capacity : 64) * sizeof **names);
        (*names)[count++] = strdup(entry->d_name);
    }
    closedir(stream);
    qsort(*names, count, sizeof **names, compare);
    return count;
}

static void free_names(char **names, int count) {
    while (count > 0) free(names[--count]);
    free(names);
}

static int scan(const char *root) {
    char **names = NULL, **second = NULL, path[4200];
    int count = list(root, &names), devices = 0;
    for (int i = 0; i < count; i++) {
        long value, on, total;
        struct stat vpd;
        snprintf(path, sizeof path, "%s/%s", root, names[i]);
        int dir = open(path, O_PATH | O_CLOEXEC);
        if (dir < 0) continue;
        if (read_number(dir, "class", 16, &value) && value >> 8 != 0x0600 && value >> 8 != 0x0604) {
            int vf = read_link(dir, "physfn");
            read_number(dir, "vendor", 16, &value);
            read_number(dir, "device", 16, &value);
            read_number(dir, "numa_node", 10, &value);
            read_link(dir, "driver");
            read_link(dir, "iommu_group");
            if (!vf && read_number(dir, "sriov_totalvfs", 10, &total) && total > 0) {
                on = 0;
                read_number(dir, "sriov_numvfs", 10, &on);
                read_number(dir, "sriov_vf_device", 16, &value);
                for (long n = 0; n < on; n++) {
                    char name[32];
                    snprintf(name, sizeof name, "virtfn%ld", n);
                    read_link(dir, name);
                }
            }
            if (!vf) fstatat(dir, "vpd", &vpd, 0);
            devices++;
        }
        close(dir);
    }
    int second_count = list(root, &second);
    free_names(second, second_count);
    free_names(names, count);
    return devices;
}

static double micros(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int less(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    char root[4096];
    int rounds = atoi(argv[2]), devices = 0;
    double *clock = calloc(rounds, sizeof *clock), *processor = calloc(rounds, sizeof *processor);
    snprintf(root, sizeof root, "%s/bus/pci/devices", argv[1]);
    for (int i = 0; i < rounds; i++) {
        double c = micros(CLOCK_MONOTONIC), p = micros(CLOCK_THREAD_CPUTIME_ID);
        devices = scan(root);
        clock[i] = micros(CLOCK_MONOTONIC) - c;
        processor[i] = micros(CLOCK_THREAD_CPUTIME_ID) - p;
    }
    qsort(clock, rounds, sizeof *clock, less);
    qsort(processor, rounds, sizeof *processor, less);
    printf("{\"clock\": %.1f, \"processor\": %.1f, \"devices\": %d}\n", clock[rounds / 2], processor[rounds / 2], devices);
    return 0;
}
