// SPDX-License-Identifier: BSD-3-Clause
// Draws of random numbers, and the steps they belong to.
#include <backtrail/core/error.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/graph/random.hpp>

namespace backtrail {
namespace {

struct open_step {
    node_ptr step;
    bool is_key;
};

std::vector<open_step>& open_steps()
{
    thread_local std::vector<open_step> steps;
    return steps;
}

/// The first inputs are the steps of the key, the outermost first.
class uniform_operation final : public operation {
public:
    uniform_operation(const detail::random_stream& stream, std::size_t steps,
                      detail::unit_interval where)
        : stream_(stream), steps_(steps), where_(where)
    {}
    [[nodiscard]] std::string_view name() const override { return "uniform"; }
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        detail::random_stream s = stream_;
        for (const array_view& step : x.first(steps_)) {
            s = s.at_step(*step.as<const std::int64_t>());
        }
        if (y.type == dtype::float64) {
            detail::fill_uniform(y.as<double>(), 0, y.shape.size(), s, where_);
        } else {
            detail::fill_uniform(y.as<float>(), 0, y.shape.size(), s, where_);
        }
    }

private:
    detail::random_stream stream_;
    std::size_t steps_;
    detail::unit_interval where_;
};

} // namespace

namespace detail {

step_scope::step_scope(const node_ptr& step, bool is_key)
{
    open_steps().push_back({step, is_key});
}
step_scope::~step_scope() { open_steps().pop_back(); }

node_ptr uniform(const shape& s, dtype type, const random_stream& r,
                 std::span<const node_ptr> steps, unit_interval where)
{
    std::vector<node_ptr> inputs;
    for (const auto& open : open_steps()) {
        if (open.is_key) inputs.push_back(open.step);
    }
    for (const auto& step : steps) {
        if (element_count(step->shape()) != 1) {
            throw shape_error("[random] a step is a single number, not of shape " +
                              to_string(step->shape()) + nearby(std::span(&step, 1)));
        }
        inputs.push_back(step);
    }
    const std::size_t keys = inputs.size();
    for (const auto& open : open_steps()) {
        if (!open.is_key) inputs.push_back(open.step);
    }
    return make_node(make_operation<uniform_operation>(r, keys, where), type, s, inputs);
}

void require_probability(const char* name, double p)
{
    if (p >= 0 && p <= 1) return;
    throw value_error("[" + std::string(name) + "] a probability lies between 0 and 1, not " +
                      std::to_string(p));
}

} // namespace detail
} // namespace backtrail
