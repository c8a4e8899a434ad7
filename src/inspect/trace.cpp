// SPDX-License-Identifier: BSD-3-Clause
// Complete events ("ph": "X") of the trace event format.
#include <backtrail/inspect/trace.hpp>

#include "json.hpp"

#include <backtrail/sweep/joined.hpp>

#include <ostream>

namespace backtrail::inspect {
namespace {

std::string event(const backtrail::detail::timed_step& s)
{
    std::string name;
    for (const auto& operation : s.what.operations) {
        name += (name.empty() ? "" : ", ") + operation;
    }
    return "{\"name\": " + json(name) + ", \"cat\": " + json(s.what.what) +
           ", \"ph\": \"X\", \"ts\": " + json(s.start) + ", \"dur\": " + json(s.duration) +
           ", \"pid\": 1, \"tid\": 1, \"args\": {\"step\": " + json(s.number) +
           ", \"tags\": " + json_list(s.what.tags) + ", \"shape\": " + json_list(s.what.extents) +
           ", \"bytes\": " + json(s.what.bytes) + ", \"flops\": " + json(s.what.flops) + "}}";
}

} // namespace

void trace(std::ostream& out, sweep& s)
{
    std::string text = "[";
    for (const auto& step : backtrail::detail::timed_run(s)) {
        text += (text.size() > 1 ? ",\n" : "\n") + event(step);
    }
    out << text << "\n]\n";
}

} // namespace backtrail::inspect
