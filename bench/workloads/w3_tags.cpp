// SPDX-License-Identifier: BSD-3-Clause
// W3_tags: what it costs to keep the value and the adjoint of every layer of W3, and to watch all that is
// computed for NaN and infinities, against a sweep of the same network without either.
#include "mlp.hpp"

namespace {

using namespace bench;

constexpr auto build = []<class T>(problem<T>& p) {
    add_mlp_inputs(p);
    const auto add = [&](const char* name, auto mark, bool traps) {
        contender c = mlp(p, mark, [&](const auto& loss, const auto&... weights) {
            bt::sweep s = reverse(loss, bt::wrt(weights...));
            return as_contender<T>(name, s.trap_nonfinite(traps), weights...);
        });
        c.is_reference = p.contenders().empty();
        p.add(std::move(c));
    };
    const auto plain = [](const std::string&, const auto& layer) { return layer; };
    const auto tagged = [](const std::string& name, const auto& layer) {
        return bt::tag(name, layer);
    };
    add("no tags", plain, false);
    add("every layer tagged", tagged, false);
    add("trap_nonfinite", plain, true);
};

const registration w3_tags(workload{"W3_tags",
                                    "the network of W3, tags kept, and trapped",
                                    {{"batch 256", 256}, {"batch 16", 16}},
                                    build});

} // namespace
