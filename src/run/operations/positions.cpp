// SPDX-License-Identifier: BSD-3-Clause
// Positions in row-major order: of several indices together, and of the true elements of a mask.
// They turn indexing of several axes, and by masks, into indexing of one.
#include "index_walk.hpp"

#include <backtrail/graph/build_indexing.hpp>
#include <backtrail/graph/node.hpp>
#include <backtrail/run/tiles.hpp>

namespace backtrail {
namespace {

class ravel_operation final : public operation {
public:
    ravel_operation(const char* name, const shape& into) : name_(name), into_(into) {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    [[nodiscard]] bool reads_strided(std::size_t) const override { return true; }
    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view>,
                                              const array_view&) const override
    {
        return tile_bytes;
    }
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        const std::size_t n = y.shape.size();
        auto* const to = y.as<std::int64_t>();
        std::fill_n(to, n, 0);
        const strides steps = dense_strides(into_);
        for (std::size_t axis = 0; axis < x.size(); ++axis) {
            const axis_index place(name_, axis, into_[axis]);
            const tile_reader<std::int64_t> reader(x[axis],
                                                   reinterpret_cast<std::int64_t*>(workspace));
            for (std::size_t start = 0; start < n; start += tile_size) {
                const std::size_t count = std::min(tile_size, n - start);
                const std::int64_t* index = reader.read(start, count);
                for (std::size_t i = 0; i < count; ++i) {
                    to[start + i] += place(index[i]) * steps[axis];
                }
            }
        }
    }

private:
    const char* name_;
    shape into_;
};

std::size_t count_true(const bool* mask, std::size_t n)
{
    return static_cast<std::size_t>(std::count(mask, mask + n, true));
}

class true_positions_operation final : public operation {
public:
    explicit true_positions_operation(const char* name) : name_(name) {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        const bool* const mask = x[0].as<const bool>();
        const std::size_t n = x[0].shape.size(), wanted = y.shape.size();
        const std::size_t found = count_true(mask, n);
        if (found != wanted) {
            throw state_error("[" + std::string(name_) + "] " + std::to_string(found) +
                              " elements of the mask are true now, and " + std::to_string(wanted) +
                              " were when this was built; build it again");
        }
        auto* to = y.as<std::int64_t>();
        for (std::size_t i = 0; i < n; ++i) {
            if (mask[i]) *to++ = static_cast<std::int64_t>(i);
        }
    }

private:
    const char* name_;
};

} // namespace

namespace detail {

node_ptr ravel_indices(const char* name, std::span<const node_ptr> indices, const shape& into)
{
    return make_node(make_operation<ravel_operation>(name, into), dtype::int64,
                     indices.front()->shape(), indices);
}

node_ptr true_positions(const char* name, const node_ptr& mask)
{
    if (mask->type() != dtype::boolean) {
        throw dtype_error(named(name, "a mask is bool, not ") + std::string(name_of(mask->type())) +
                          nearby(std::span(&mask, 1)));
    }
    const buffer values = evaluate(mask);
    const std::size_t count = count_true(values.as<const bool>(), element_count(mask->shape()));
    return make_node(make_operation<true_positions_operation>(name), dtype::int64, {count},
                     std::span(&mask, 1));
}

} // namespace detail
} // namespace backtrail
