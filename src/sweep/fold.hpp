// SPDX-License-Identifier: BSD-3-Clause
// What the operations behind reducers share: one input of any element type, read as double, folded tile
// by tile into a dense row of doubles.
#pragma once

#include <backtrail/graph/node.hpp>
#include <backtrail/run/tiles.hpp>
#include <backtrail/sweep/reduction.hpp>

#include <algorithm>

namespace backtrail::detail {

class fold_operation : public operation, public tile_fold {
public:
    fold_operation(const char* name, dtype operand, std::size_t results)
        : name_(name), type_(operand), results_(results)
    {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    [[nodiscard]] const tile_fold* as_fold() const override { return this; }
    [[nodiscard]] std::size_t results() const { return results_; }

    void add(std::byte* state, const void* x, std::size_t start, std::size_t n) const override
    {
        if (type_ == dtype::float64) {
            take(state, static_cast<const double*>(x), start, n);
            return;
        }
        std::array<double, tile_size> converted;
        visit(type_, [&](auto t) {
            const auto* from = static_cast<const decltype(t)*>(x);
            for (std::size_t i = 0; i < n; ++i) converted[i] = static_cast<double>(from[i]);
        });
        take(state, converted.data(), start, n);
    }

    void finish(const std::byte* state, const array_view& y) const final
    {
        write(state, std::span(y.as<double>(), results_));
    }

    [[nodiscard]] std::size_t workspace_bytes(std::span<const array_view>,
                                              const array_view&) const override
    {
        return 2 * room();
    }
    /// Over an operand that lies in memory: the same fold, in parts.
    void evaluate(std::span<const array_view> x, const array_view& y,
                  std::byte* workspace) const override
    {
        constexpr std::size_t part = 256 * tile_size;
        const std::size_t n = x[0].shape.size(), width = size_of(type_);
        const auto* const data = x[0].as<const std::byte>();
        std::byte *const whole = workspace, *const later = workspace + room();
        begin(whole);
        for (std::size_t first = 0; first < n; first += part) {
            std::byte* const state = first == 0 ? whole : later;
            if (first != 0) begin(state);
            const std::size_t end = std::min(n, first + part);
            for (std::size_t i = first; i < end; i += tile_size) {
                add(state, data + i * width, i, std::min(tile_size, end - i));
            }
            if (first != 0) merge(whole, later);
        }
        finish(whole, y);
    }

protected:
    [[nodiscard]] dtype operand_type() const { return type_; }
    virtual void take(std::byte* state, const double* x, std::size_t start,
                      std::size_t n) const = 0;
    virtual void write(const std::byte* state, std::span<double> y) const = 0;

private:
    [[nodiscard]] std::size_t room() const
    {
        return (state_bytes() + block_alignment - 1) / block_alignment * block_alignment;
    }

    const char* name_;
    dtype type_;
    std::size_t results_;
};

/// The node of a fold over x.
template <class Fold, class... Args>
[[nodiscard]] node_ptr fold_node(const node_ptr& x, Args&&... args)
{
    auto op = make_operation<Fold>(x->type(), std::forward<Args>(args)...);
    const shape s = {static_cast<const Fold*>(op.get())->results()};
    return make_node(std::move(op), dtype::float64, s, std::span(&x, 1));
}

/// States that are one plain struct.
template <class State>
class struct_fold : public fold_operation {
public:
    using fold_operation::fold_operation;
    [[nodiscard]] std::size_t state_bytes() const final { return sizeof(State); }
    void begin(std::byte* state) const final { new (state) State(); }
    void merge(std::byte* state, const std::byte* later) const final
    {
        join(*reinterpret_cast<State*>(state), *reinterpret_cast<const State*>(later));
    }

protected:
    virtual void join(State& s, const State& later) const = 0;
    static State& of(std::byte* state) { return *reinterpret_cast<State*>(state); }
    static const State& of(const std::byte* state)
    {
        return *reinterpret_cast<const State*>(state);
    }
};

} // namespace backtrail::detail
