// SPDX-License-Identifier: BSD-3-Clause
// Tables of text and the same figures as JSON.
#include "report.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace bench {
namespace {

std::string text_of(const char* format, const std::optional<double>& x)
{
    char text[32];
    if (!x || std::snprintf(text, sizeof text, format, *x) < 0) return "";
    return text;
}

std::string readable(const std::optional<std::size_t>& bytes)
{
    if (!bytes) return "";
    const double b = static_cast<double>(*bytes);
    return b < 1e6 ? text_of("%.1f kB", b / 1e3) : text_of("%.1f MB", b / 1e6);
}

std::string quoted(const std::string& s)
{
    std::string q = "\"";
    for (const char c : s) {
        if (c == '"' || c == '\\') q += '\\';
        q += c;
    }
    return q + '"';
}

std::string json_of(const std::optional<double>& x)
{
    const std::string text = text_of("%.6g", x);
    return text.empty() ? "null" : text;
}

} // namespace

void print(const table& t)
{
    std::printf("%s  %s, %s, %s\n", t.workload.c_str(), t.what.c_str(), t.size.c_str(),
                t.type.c_str());
    std::printf("  %-34s %7s %12s  %-25s %7s %6s %10s\n", "", "threads", "median us", "(quartiles)",
                "ratio", "gain", "memory");
    for (const row& r : t.rows) {
        char spread[64];
        std::snprintf(spread, sizeof spread, "(%.2f .. %.2f)", 1e6 * r.lower, 1e6 * r.upper);
        std::printf("  %-34s %7d %12.2f  %-25s %7s %6s %10s\n", r.contender.c_str(), r.threads,
                    1e6 * r.median, spread, text_of("%.2f", r.ratio).c_str(),
                    text_of("%.2f", r.gain).c_str(), readable(r.bytes).c_str());
    }
    std::puts("");
    std::fflush(stdout);
}

void write_json(const std::string& path, const std::vector<table>& all)
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "w"),
                                                               &std::fclose);
    if (!file) throw std::runtime_error("cannot write " + path);
    const char* table_separator = "";
    std::fputs("[", file.get());
    for (const table& t : all) {
        std::fprintf(file.get(),
                     "%s\n{\"workload\": %s, \"what\": %s, \"size\": %s, \"type\": %s, \"rows\": [",
                     table_separator, quoted(t.workload).c_str(), quoted(t.what).c_str(),
                     quoted(t.size).c_str(), quoted(t.type).c_str());
        const char* separator = "";
        for (const row& r : t.rows) {
            const std::string bytes = r.bytes ? std::to_string(*r.bytes) : "null";
            std::fprintf(file.get(),
                         "%s\n  {\"contender\": %s, \"threads\": %d, \"median\": %.6g, "
                         "\"lower_quartile\": %.6g, \"upper_quartile\": %.6g, \"ratio\": %s, "
                         "\"gain\": %s, \"bytes\": %s, \"is_reference\": %s}",
                         separator, quoted(r.contender).c_str(), r.threads, r.median, r.lower,
                         r.upper, json_of(r.ratio).c_str(), json_of(r.gain).c_str(), bytes.c_str(),
                         r.is_reference ? "true" : "false");
            separator = ",";
        }
        std::fputs("]}", file.get());
        table_separator = ",";
    }
    std::fputs("\n]\n", file.get());
    if (std::ferror(file.get()) != 0) throw std::runtime_error("cannot write " + path);
}

} // namespace bench
