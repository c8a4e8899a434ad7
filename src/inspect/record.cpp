// SPDX-License-Identifier: BSD-3-Clause
// Lines of JSON.
#include <backtrail/inspect/record.hpp>

#include "json.hpp"

#include <backtrail/core/error.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/sweep/joined.hpp>

#include <ostream>

namespace backtrail::inspect {
namespace {

std::string statistics(const moments_result& m, const histogram_result& h)
{
    return "{\"count\": " + json(m.count) + ", \"nonfinite\": " + json(m.nonfinite) +
           ", \"mean\": " + json(m.mean) + ", \"deviation\": " + json(m.deviation) +
           ", \"min\": " + json(m.min) + ", \"max\": " + json(m.max) + ", \"l2\": " + json(m.l2) +
           ", \"histogram\": {\"lower\": " + json(h.lower) + ", \"width\": " + json(h.width) +
           ", \"counts\": " + json_list(h.counts) + "}}";
}

} // namespace

void record(std::ostream& out, sweep& s, const record_options& options)
{
    if (options.every == 0) throw value_error("[record] every must be 1 or more");
    const histogram bins(options.histogram_bins);
    const auto tags = backtrail::detail::matching_tags(s, options.tags);
    s.also_keep(values(options.tags) | moments() | bins);
    s.also_keep(adjoints(options.tags) | moments() | bins);
    // The sweep owns the hook, so the hook must not own the sweep.
    s.on_run([&out, weak = backtrail::detail::weak_sweep(s), options, bins, tags](std::size_t run) {
        if (run % options.every != 0) return;
        const sweep self = weak.lock();
        const double value = self.output_type() == dtype::float64
                                 ? self.value()()
                                 : static_cast<double>(self.value<float>()());
        std::string line = "{\"run\": " + json(std::uint64_t(run)) + ", \"value\": " + json(value) +
                           ", \"tags\": {";
        bool is_first = true;
        for (const auto& [path, n] : tags) {
            line +=
                (is_first ? "" : ", ") + json(path) + ": {\"shape\": " + json_list(n->shape()) +
                ", \"value\": " + statistics(self.value(path, moments()), self.value(path, bins)) +
                ", \"adjoint\": ";
            const adjoint_status status = self.status(path);
            if (status == connection::ok || status == connection::not_kept) {
                line += statistics(self.adjoint(path, moments()), self.adjoint(path, bins));
            } else {
                line += "{\"status\": " + json(short_name(status.kind)) +
                        ", \"reason\": " + json(status.reason) + "}";
            }
            line += "}";
            is_first = false;
        }
        out << line << "}}\n";
    });
}

} // namespace backtrail::inspect
