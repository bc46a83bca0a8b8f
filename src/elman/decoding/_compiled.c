/* Decoding of linear chains, compiled: what elman.decoding.viterbi, .marginals and .entities do, window after window.

Those modules say what is computed and are what this is tested against. Everything is float64 but for the emissions as
they come in, and is done within one window, in one order, so that nothing depends on the windows beside it. */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

/* Sums below this may have lost what is all there is; they are done again, pair by pair. */
#define WEAK 1e-200

typedef struct {
    Py_ssize_t tags;
    const double *transitions; /* tags x tags, from row to column */
    const double *start;
    const double *end;
} Scores;

static double largest(const double *values, Py_ssize_t count) {
    double found = -INFINITY;
    for (Py_ssize_t at = 0; at < count; at++) found = values[at] > found ? values[at] : found;
    return found;
}

/* log(sum(exp(values))), -inf where all are. */
static double log_sum(const double *values, Py_ssize_t count) {
    double peak = largest(values, count), total = 0;
    if (peak == -INFINITY) return peak;
    for (Py_ssize_t at = 0; at < count; at++) total += exp(values[at] - peak);
    return log(total) + peak;
}

static WIDE void best_step(const double *before, const double *transitions, double *reached, Py_ssize_t tags) {
    for (Py_ssize_t to = 0; to < tags; to++) reached[to] = -INFINITY;
    for (Py_ssize_t from = 0; from < tags; from++) {
        const double *row = transitions + from * tags, score = before[from];
        for (Py_ssize_t to = 0; to < tags; to++) {
            double path = score + row[to];
            reached[to] = path > reached[to] ? path : reached[to];
        }
    }
}

/* The first of the highest of best + onward; the score goes to *score. */
static Py_ssize_t choose(const double *best, const double *onward, Py_ssize_t stride, Py_ssize_t tags, double *score) {
    Py_ssize_t chosen = 0;
    *score = -INFINITY;
    for (Py_ssize_t tag = 0; tag < tags; tag++) {
        double path = best[tag] + onward[tag * stride];
        if (path > *score) *score = path, chosen = tag;
    }
    return chosen;
}

/* The best tags of one window; 0 if no sequence is allowed. `best` has room for length x tags. */
static int best_path(const Scores *scores, const float *emissions, Py_ssize_t length, double *best, int32_t *chosen) {
    Py_ssize_t tags = scores->tags;
    for (Py_ssize_t step = 0; step < length; step++) {
        double *row = best + step * tags;
        if (step) best_step(row - tags, scores->transitions, row, tags);
        else memcpy(row, scores->start, tags * sizeof(double));
        for (Py_ssize_t tag = 0; tag < tags; tag++) row[tag] += (double)emissions[step * tags + tag];
    }
    double score, ignored;
    Py_ssize_t tag = choose(best + (length - 1) * tags, scores->end, 1, tags, &score);
    chosen[length - 1] = (int32_t)tag;
    for (Py_ssize_t step = length - 2; step >= 0; step--) {
        tag = choose(best + step * tags, scores->transitions + tag, tags, tags, &ignored);
        chosen[step] = (int32_t)tag;
    }
    return score > -INFINITY;
}

/* Transitions as factors below their largest by column, for sums over the rows. */
typedef struct {
    const double *scores; /* tags x tags */
    double *weights;      /* tags x tags */
    double *peaks;        /* tags */
} Factors;

static void make_factors(Factors *factors, Py_ssize_t tags) {
    for (Py_ssize_t to = 0; to < tags; to++) {
        double peak = -INFINITY;
        for (Py_ssize_t from = 0; from < tags; from++) {
            double score = factors->scores[from * tags + to];
            peak = score > peak ? score : peak;
        }
        factors->peaks[to] = peak = peak == -INFINITY ? 0 : peak;
        for (Py_ssize_t from = 0; from < tags; from++)
            factors->weights[from * tags + to] = exp(factors->scores[from * tags + to] - peak);
    }
}

static WIDE void weigh(const double *factors, const double *weights, double *sums, Py_ssize_t tags) {
    for (Py_ssize_t to = 0; to < tags; to++) sums[to] = 0;
    for (Py_ssize_t from = 0; from < tags; from++) {
        const double *row = weights + from * tags, factor = factors[from];
        for (Py_ssize_t to = 0; to < tags; to++) sums[to] += factor * row[to];
    }
}

/* result[to] = log sum over from of exp(scores[from] + transition[from][to]); `room` has place for 2 x tags. */
static void sum_step(const Factors *factors, const double *scores, double *result, Py_ssize_t tags, double *room) {
    double shift = largest(scores, tags), *weights = room, *pairs = room + tags;
    if (shift == -INFINITY) shift = 0;
    for (Py_ssize_t from = 0; from < tags; from++) weights[from] = exp(scores[from] - shift);
    weigh(weights, factors->weights, result, tags);
    for (Py_ssize_t to = 0; to < tags; to++) {
        if (result[to] >= WEAK) {
            result[to] = log(result[to]) + shift + factors->peaks[to];
            continue;
        }
        for (Py_ssize_t from = 0; from < tags; from++) pairs[from] = scores[from] + factors->scores[from * tags + to];
        result[to] = log_sum(pairs, tags);
    }
}

/* All tag sequences of one window, summed up from both ends. */
typedef struct {
    Scores scores;
    Factors forward;
    Factors backward;
    double *emissions; /* length x tags, at the temperature at which they are probabilities */
    double *alpha;
    double *beta;
    double *room; /* 4 x tags */
    double partition;
    Py_ssize_t length;
} Lattice;

static void sum_up(Lattice *lattice) {
    Py_ssize_t tags = lattice->scores.tags, length = lattice->length;
    const double *emissions = lattice->emissions;
    double *alpha = lattice->alpha, *beta = lattice->beta, *after = lattice->room + 2 * tags;
    for (Py_ssize_t step = 0; step < length; step++) {
        double *row = alpha + step * tags;
        if (step) sum_step(&lattice->forward, row - tags, row, tags, lattice->room);
        else memcpy(row, lattice->scores.start, tags * sizeof(double));
        for (Py_ssize_t tag = 0; tag < tags; tag++) row[tag] += emissions[step * tags + tag];
    }
    memcpy(beta + (length - 1) * tags, lattice->scores.end, tags * sizeof(double));
    for (Py_ssize_t step = length - 2; step >= 0; step--) {
        const double *next = beta + (step + 1) * tags, *emission = emissions + (step + 1) * tags;
        for (Py_ssize_t tag = 0; tag < tags; tag++) after[tag] = emission[tag] + next[tag];
        sum_step(&lattice->backward, after, beta + step * tags, tags, lattice->room);
    }
    for (Py_ssize_t tag = 0; tag < tags; tag++)
        after[tag] = alpha[(length - 1) * tags + tag] + lattice->scores.end[tag];
    lattice->partition = log_sum(after, tags);
}

/* The probability of one entity, in [0, 1]: `own` are the tags of its label; `joined` tells which transitions go on
within an entity. `paths` has room for 2 x kinds. */
static double entity_probability(const Lattice *lattice, Py_ssize_t first, Py_ssize_t stop, const int32_t *own,
                                 Py_ssize_t kinds, const uint8_t *joined, double *paths) {
    Py_ssize_t tags = lattice->scores.tags;
    const double *transitions = lattice->scores.transitions;
    double *terms = lattice->room, *further = paths + kinds;
    for (Py_ssize_t kind = 0; kind < kinds; kind++) {
        Py_ssize_t tag = own[kind];
        double before = lattice->scores.start[tag];
        if (first) {
            const double *alpha = lattice->alpha + (first - 1) * tags;
            for (Py_ssize_t from = 0; from < tags; from++)
                terms[from] = joined[from * tags + tag] ? -INFINITY : alpha[from] + transitions[from * tags + tag];
            before = log_sum(terms, tags);
        }
        paths[kind] = before + lattice->emissions[first * tags + tag];
    }
    for (Py_ssize_t token = first + 1; token < stop; token++) {
        for (Py_ssize_t to = 0; to < kinds; to++) {
            for (Py_ssize_t from = 0; from < kinds; from++) {
                Py_ssize_t at = own[from] * tags + own[to];
                terms[from] = joined[at] ? paths[from] + transitions[at] : -INFINITY;
            }
            further[to] = log_sum(terms, kinds) + lattice->emissions[token * tags + own[to]];
        }
        memcpy(paths, further, kinds * sizeof(double));
    }
    for (Py_ssize_t kind = 0; kind < kinds; kind++) {
        Py_ssize_t tag = own[kind];
        double onward = lattice->scores.end[tag];
        if (stop < lattice->length) {
            const double *beta = lattice->beta + stop * tags, *emission = lattice->emissions + stop * tags;
            for (Py_ssize_t to = 0; to < tags; to++)
                terms[to] = joined[tag * tags + to] ? -INFINITY : transitions[tag * tags + to] + (emission[to] + beta[to]);
            onward = log_sum(terms, tags);
        }
        paths[kind] += onward;
    }
    double probability = exp(log_sum(paths, kinds) - lattice->partition);
    return probability < 1 ? probability : 1; /* a certainty may have been rounded up */
}

/* Contiguous arrays out of Python; their types and sizes are checked by the module that calls. */
typedef struct {
    Py_buffer views[12];
    int count;
} Views;

static int take(Views *views, PyObject *const *arrays, int count, int written) {
    for (views->count = 0; views->count < count; views->count++) {
        int flags = views->count >= count - written ? PyBUF_WRITABLE | PyBUF_C_CONTIGUOUS : PyBUF_C_CONTIGUOUS;
        if (PyObject_GetBuffer(arrays[views->count], &views->views[views->count], flags)) return 0;
    }
    return 1;
}

static void give_back(Views *views) {
    for (int at = 0; at < views->count; at++) PyBuffer_Release(&views->views[at]);
}

static Py_ssize_t longest(const int64_t *lengths, Py_ssize_t windows) {
    Py_ssize_t found = 0;
    for (Py_ssize_t at = 0; at < windows; at++) found = lengths[at] > found ? lengths[at] : found;
    return found;
}

PyDoc_STRVAR(best_tags_doc,
             "best_tags(emissions, lengths, transitions, start, end, tags) -> int\n\n"
             "Fill in the best tags; what comes back is the first window that no sequence passes, or -1.");

static PyObject *best_tags(PyObject *self, PyObject *arguments) {
    PyObject *arrays[6];
    Views views = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(arguments, "OOOOOO", &arrays[0], &arrays[1], &arrays[2], &arrays[3], &arrays[4], &arrays[5]))
        return NULL;
    if (!take(&views, arrays, 6, 1)) {
        give_back(&views);
        return NULL;
    }
    const float *emissions = views.views[0].buf;
    const int64_t *lengths = views.views[1].buf;
    Py_ssize_t windows = views.views[1].len / (Py_ssize_t)sizeof(int64_t), stuck = -1;
    Py_ssize_t tags = views.views[3].len / (Py_ssize_t)sizeof(double);
    Scores scores = {tags, views.views[2].buf, views.views[3].buf, views.views[4].buf};
    int32_t *chosen = views.views[5].buf;
    double *best = malloc((longest(lengths, windows) * tags + 1) * sizeof(double));
    if (best) {
        Py_BEGIN_ALLOW_THREADS;
        for (Py_ssize_t window = 0; window < windows && stuck < 0; window++) {
            if (!best_path(&scores, emissions, lengths[window], best, chosen)) stuck = window;
            emissions += lengths[window] * tags;
            chosen += lengths[window];
        }
        Py_END_ALLOW_THREADS;
        free(best);
    }
    give_back(&views);
    return best ? PyLong_FromSsize_t(stuck) : PyErr_NoMemory();
}

PyDoc_STRVAR(entity_scores_doc,
             "entity_scores(emissions, lengths, transitions, backward, start, end, joined, own, spans, probabilities, "
             "heat) -> int\n\n"
             "Fill in the probability of each entity; what comes back is as for best_tags.");

static PyObject *entity_scores(PyObject *self, PyObject *arguments) {
    PyObject *arrays[10];
    Views views = {.count = 0};
    double heat;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "OOOOOOOOOOd", &arrays[0], &arrays[1], &arrays[2], &arrays[3], &arrays[4],
                          &arrays[5], &arrays[6], &arrays[7], &arrays[8], &arrays[9], &heat))
        return NULL;
    if (!take(&views, arrays, 10, 1)) {
        give_back(&views);
        return NULL;
    }
    const float *emissions = views.views[0].buf;
    const int64_t *lengths = views.views[1].buf, *span = views.views[8].buf;
    Py_ssize_t windows = views.views[1].len / (Py_ssize_t)sizeof(int64_t), stuck = -1;
    Py_ssize_t tags = views.views[4].len / (Py_ssize_t)sizeof(double);
    const uint8_t *joined = views.views[6].buf;
    const int32_t *own = views.views[7].buf;
    double *probability = views.views[9].buf;
    const double *last = probability + views.views[9].len / (Py_ssize_t)sizeof(double);
    Py_ssize_t kinds = views.views[7].shape ? views.views[7].shape[1] : 0, most = longest(lengths, windows);
    double *room = malloc((size_t)(3 * most * tags + 2 * tags * tags + 2 * tags + 4 * tags + 2 * kinds + 1) *
                          sizeof(double));
    if (room) {
        Lattice lattice = {.scores = {tags, views.views[2].buf, views.views[4].buf, views.views[5].buf}};
        double *next = room;
        lattice.emissions = next, next += most * tags;
        lattice.alpha = next, next += most * tags;
        lattice.beta = next, next += most * tags;
        lattice.forward = (Factors){views.views[2].buf, next, next + tags * tags}, next += tags * tags + tags;
        lattice.backward = (Factors){views.views[3].buf, next, next + tags * tags}, next += tags * tags + tags;
        lattice.room = next, next += 4 * tags;
        Py_BEGIN_ALLOW_THREADS;
        make_factors(&lattice.forward, tags);
        make_factors(&lattice.backward, tags);
        for (Py_ssize_t window = 0; window < windows && probability < last && stuck < 0; window++) {
            Py_ssize_t size = lengths[window] * tags;
            if (span[0] == window) {
                lattice.length = lengths[window];
                for (Py_ssize_t at = 0; at < size; at++) lattice.emissions[at] = (double)emissions[at] / heat;
                sum_up(&lattice);
                if (lattice.partition == -INFINITY) stuck = window;
            }
            for (; probability < last && span[0] == window; span += 4, probability++)
                *probability = entity_probability(&lattice, (Py_ssize_t)span[1], (Py_ssize_t)span[2],
                                                  own + span[3] * kinds, kinds, joined, next);
            emissions += size;
        }
        Py_END_ALLOW_THREADS;
        free(room);
    }
    give_back(&views);
    return room ? PyLong_FromSsize_t(stuck) : PyErr_NoMemory();
}

static PyMethodDef functions[] = {
    {"best_tags", best_tags, METH_VARARGS, best_tags_doc},
    {"entity_scores", entity_scores, METH_VARARGS, entity_scores_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "_compiled", .m_doc = "Decoding of linear chains.", .m_size = 0,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__compiled(void) { return PyModule_Create(&definition); }
