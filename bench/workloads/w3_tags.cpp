// SPDX-License-Identifier: BSD-3-Clause
// W3_tags: what it costs to keep the value and the adjoint of every layer of W3, against a sweep of the
// same network without tags.
#include "mlp.hpp"

namespace {

using namespace bench;

constexpr auto build = []<class T>(problem<T>& p) {
    add_mlp_inputs(p);
    const auto add = [&](const char* name, auto mark) {
        contender c = mlp(p, mark, [&](const auto& loss, const auto&... weights) {
            return sweep_contender<T>(name, loss, weights...);
        });
        c.is_reference = p.contenders().empty();
        p.add(std::move(c));
    };
    add("no tags", [](const std::string&, const auto& layer) { return layer; });
    add("every layer tagged",
        [](const std::string& name, const auto& layer) { return bt::tag(name, layer); });
};

const registration w3_tags(workload{
    "W3_tags", "the network of W3, tags kept", {{"batch 256", 256}, {"batch 16", 16}}, build});

} // namespace
