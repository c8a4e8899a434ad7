// SPDX-License-Identifier: BSD-3-Clause
// The shape of prelu's weights.
#include <backtrail/graph/prelu.hpp>

#include <backtrail/core/error.hpp>
#include <backtrail/graph/build.hpp>
#include <backtrail/graph/node.hpp>

#include <array>
#include <vector>

namespace backtrail::detail {

node_ptr weight_of_channels(const node_ptr& x, const node_ptr& weight)
{
    const shape& s = x->shape();
    const shape& w = weight->shape();
    if (w.size() <= 1 && element_count(w) == 1) return reshape(weight, {});
    if (s.size() < 2 || w.size() != 1 || w[0] != s[1]) {
        throw shape_error("[prelu] a weight for each channel (axis 1), or one for all: " +
                          to_string(s) + " x " + to_string(w) + nearby(std::array{x, weight}));
    }
    std::vector<std::size_t> along_axis_1(s.size() - 1, 1);
    along_axis_1.front() = w[0];
    return reshape(weight, shape(along_axis_1));
}

} // namespace backtrail::detail
