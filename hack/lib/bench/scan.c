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

static int number(int folder, const char *name, int base, long *value) {
    char text[64];
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0) return 0;
    text[length] = 0;
    *value = strtol(text, NULL, base);
    return 1;
}

static int link_of(int folder, const char *name) {
    char text[4096];
    return readlinkat(folder, name, text, sizeof text) > 0;
}

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int list(const char *place, char ***names) {
    int count = 0, room = 0;
    DIR *folder = opendir(place);
    if (!folder) { perror(place); exit(1); }
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        if (count == room) *names = realloc(*names, (room = room ? 2 * room : 64) * sizeof **names);
        (*names)[count++] = strdup(entry->d_name);
    }
    closedir(folder);
    qsort(*names, count, sizeof **names, compare);
    return count;
}

static void freed(char **names, int count) {
    while (count > 0) free(names[--count]);
    free(names);
}

static int scan(const char *place) {
    char **names = NULL, **again = NULL, path[4200];
    int count = list(place, &names), devices = 0;
    for (int i = 0; i < count; i++) {
        long value, on, total;
        struct stat vpd;
        snprintf(path, sizeof path, "%s/%s", place, names[i]);
        int folder = open(path, O_PATH | O_CLOEXEC);
        if (folder < 0) continue;
        if (number(folder, "class", 16, &value) && value >> 8 != 0x0600 && value >> 8 != 0x0604) {
            int vf = link_of(folder, "physfn");
            number(folder, "vendor", 16, &value);
            number(folder, "device", 16, &value);
            number(folder, "numa_node", 10, &value);
            link_of(folder, "driver");
            link_of(folder, "iommu_group");
            if (!vf && number(folder, "sriov_totalvfs", 10, &total) && total > 0) {
                on = 0;
                number(folder, "sriov_numvfs", 10, &on);
                number(folder, "sriov_vf_device", 16, &value);
                for (long n = 0; n < on; n++) {
                    char name[32];
                    snprintf(name, sizeof name, "virtfn%ld", n);
                    link_of(folder, name);
                }
            }
            if (!vf) fstatat(folder, "vpd", &vpd, 0);
            devices++;
        }
        close(folder);
    }
    int then = list(place, &again);
    freed(again, then);
    freed(names, count);
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
    char place[4096];
    int rounds = atoi(argv[2]), devices = 0;
    double *clock = calloc(rounds, sizeof *clock), *processor = calloc(rounds, sizeof *processor);
    snprintf(place, sizeof place, "%s/bus/pci/devices", argv[1]);
    for (int i = 0; i < rounds; i++) {
        double c = micros(CLOCK_MONOTONIC), p = micros(CLOCK_THREAD_CPUTIME_ID);
        devices = scan(place);
        clock[i] = micros(CLOCK_MONOTONIC) - c;
        processor[i] = micros(CLOCK_THREAD_CPUTIME_ID) - p;
    }
    qsort(clock, rounds, sizeof *clock, less);
    qsort(processor, rounds, sizeof *processor, less);
    printf("{\"clock\": %.1f, \"processor\": %.1f, \"devices\": %d}\n", clock[rounds / 2], processor[rounds / 2], devices);
    return 0;
}
