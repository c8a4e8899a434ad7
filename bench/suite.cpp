// SPDX-License-Identifier: BSD-3-Clause
// Runs the workloads and prints a table for each. Exits with 1 if contenders disagree.
//
// usage: suite [option ...] [NAME ...]
//   NAME             a workload (W1), or one size of it (W1/1e5); default: all
//   --list           only prints the names of the workloads
//   --json FILE      writes the figures there, too
//   --type TYPE      double or float only
//   --threads 1      not with two
//   --contender TEXT only contenders with this in their name, and the reference
//   --rounds N       at least so many rounds (default 5; more where they are short)
//   --cpu-time       processor time, with one thread only: for a machine that others use
#include "problem.hpp"
#include "report.hpp"
#include "timing.hpp"

#include <cblas.h>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace {

using namespace bench;

struct options {
    std::vector<std::string> names;
    std::string json, type, contender;
    int threads = 0, rounds = 5;
    bool by_processor_time = false, lists = false;
};

options read_options(int count, char** arguments)
{
    options o;
    for (int i = 1; i < count; ++i) {
        const std::string a = arguments[i];
        const auto value = [&]() -> std::string {
            if (i + 1 == count) throw std::runtime_error(a + " needs a value");
            return arguments[++i];
        };
        if (a == "--json") {
            o.json = value();
        } else if (a == "--type") {
            o.type = value();
        } else if (a == "--contender") {
            o.contender = value();
        } else if (a == "--threads") {
            o.threads = std::stoi(value());
        } else if (a == "--rounds") {
            o.rounds = std::max(1, std::stoi(value()));
        } else if (a == "--list") {
            o.lists = true;
        } else if (a == "--cpu-time") {
            o.by_processor_time = true;
            o.threads = 1; // with two, the time that passes is what counts
        } else if (a.starts_with("--")) {
            throw std::runtime_error("what is " + a + "?");
        } else {
            o.names.push_back(a);
        }
    }
    return o;
}

bool is_asked(const options& o, const workload& w, const workload_size& size)
{
    const auto is = [](const std::string& a, const std::string& b) {
        return strcasecmp(a.c_str(), b.c_str()) == 0;
    };
    return o.names.empty() || std::any_of(o.names.begin(), o.names.end(), [&](const auto& name) {
               return is(name, w.name) || is(name, w.name + "/" + size.name);
           });
}

void set_threads(int n)
{
    for (const auto& set : all_thread_setters()) set(n);
}

/// Throws std::runtime_error if results lie further from the expected ones than the tolerance.
void compare(const std::string& name, const std::vector<numbers>& results,
             const std::vector<numbers>& expected, double tolerance)
{
    const auto fail = [&](const std::string& why) {
        throw std::runtime_error(name + " disagrees with the reference: " + why);
    };
    if (results.size() != expected.size()) fail("another number of results");
    for (std::size_t k = 0; k < expected.size(); ++k) {
        if (results[k].size() != expected[k].size()) fail("another size of a result");
        double largest = 0, error = 0;
        for (std::size_t i = 0; i < expected[k].size(); ++i) {
            largest = std::max(largest, std::abs(expected[k][i]));
            const double e = std::abs(results[k][i] - expected[k][i]);
            if (!(e <= error)) error = e; // NaN, too
        }
        if (!(error <= tolerance * largest)) {
            char why[96];
            std::snprintf(why, sizeof why, "result %zu by %.3g of its largest number (allowed: %g)",
                          k, error / largest, tolerance);
            fail(why);
        }
    }
}

template <class T>
void check(const problem<T>& p)
{
    const auto& all = p.contenders();
    set_threads(1);
    all.front().run();
    const auto expected = all.front().results();
    for (const contender& c : all) {
        c.run();
        compare(c.name, c.results(), expected, p.tolerance);
    }
}

struct entrant {
    const contender* who;
    int threads;
};

/// Threads of whoever ran before spin for a while, OpenBLAS's for 2^26 ticks, and would have one of two processors;
/// and one that sleeps is slow to wake. So whoever is next is at work for some time before it is measured.
void get_ready(const entrant& e)
{
    set_threads(e.threads);
    constexpr double enough = 0.04;
    const double begin = now(clock_kind::wall);
    do {
        e.who->run();
    } while (now(clock_kind::wall) - begin < enough);
}

/// Who runs, with one thread and then with two.
template <class T>
std::vector<entrant> entrants(const problem<T>& p, const options& o)
{
    std::vector<entrant> all;
    for (const int threads : {1, 2}) {
        if (threads == 2 && o.threads == 1) continue;
        for (const contender& c : p.contenders()) {
            const bool is_asked = c.is_reference || c.name.find(o.contender) != std::string::npos;
            if (is_asked && (threads == 1 || c.uses_threads)) all.push_back({&c, threads});
        }
    }
    return all;
}

/// Nothing if the workload is not made for numbers of type T.
template <class T>
std::optional<table> run(const workload& w, const workload_size& size, const options& o)
{
    problem<T> p(size.value);
    w.build(p);
    for (const rival& r : all_rivals()) {
        if (r.workload_name == w.name) r.build(p);
    }
    if (p.contenders().empty()) return {};
    check(p);

    const std::vector<entrant> all = entrants(p, o);
    std::vector<turn> turns;
    for (const entrant& e : all) {
        turn t{.name = e.who->name, .run = e.who->run};
        t.prepare = [e] { get_ready(e); };
        if (o.by_processor_time) t.clock = clock_kind::processor;
        turns.push_back(std::move(t));
    }
    constexpr double seconds_for_each = 0.25;
    measure(turns, o.rounds, seconds_for_each * static_cast<double>(turns.size()));
    set_threads(1);

    const auto turn_of = [&](auto matches) -> const turn* {
        const turn* best = nullptr;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (!matches(all[i])) continue;
            if (best == nullptr || median(turns[i].seconds) < median(best->seconds)) {
                best = &turns[i];
            }
        }
        return best;
    };
    table result{w.name, w.what, size.name, std::same_as<T, double> ? "double" : "float", {}};
    for (std::size_t i = 0; i < all.size(); ++i) {
        const entrant& e = all[i];
        const auto& seconds = turns[i].seconds;
        const turn* reference = turn_of([&](const entrant& other) {
            return other.who->is_reference && other.threads == e.threads;
        });
        const turn* alone = turn_of([&](const entrant& other) {
            return e.threads > 1 && other.who == e.who && other.threads == 1;
        });
        row r{.contender = e.who->name,
              .threads = e.threads,
              .median = median(seconds),
              .lower = quantile(seconds, 0.25),
              .upper = quantile(seconds, 0.75),
              .ratio = {},
              .gain = {},
              .bytes = {},
              .is_reference = reference == &turns[i]};
        if (reference != nullptr) r.ratio = median(ratios(turns[i], *reference));
        if (alone != nullptr) r.gain = median(ratios(*alone, turns[i]));
        if (e.who->bytes) r.bytes = e.who->bytes();
        result.rows.push_back(std::move(r));
    }
    return result;
}

} // namespace

int main(int count, char** arguments)
{
    try {
        const options o = read_options(count, arguments);
        std::sort(all_workloads().begin(), all_workloads().end(),
                  [](const workload& a, const workload& b) { return a.name < b.name; });
        if (o.lists) {
            for (const workload& w : all_workloads()) std::printf("%s\n", w.name.c_str());
            return 0;
        }
        std::vector<table> tables;
        for (const char* missing : {BENCH_MISSING}) {
            if (*missing != 0) std::printf("%s is not installed: skipped\n", missing);
        }
        std::printf("OpenBLAS runs its kernels for %s\n\n", openblas_get_corename());
        for (const workload& w : all_workloads()) {
            for (const workload_size& size : w.sizes) {
                if (!is_asked(o, w, size)) continue;
                const auto add = [&](std::optional<table> t) {
                    if (!t) return;
                    print(*t);
                    tables.push_back(std::move(*t));
                };
                if (o.type != "float") add(run<double>(w, size, o));
                if (o.type != "double") add(run<float>(w, size, o));
            }
        }
        if (tables.empty()) throw std::runtime_error("no workload has such a name and type");
        if (!o.json.empty()) write_json(o.json, tables);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "suite: %s\n", e.what());
        return 1;
    }
}
