// SPDX-License-Identifier: BSD-3-Clause
// Arrays in a vector and out of it.
#include "packing.hpp"

#include <backtrail/graph/build.hpp>

#include <cstring>

namespace backtrail {
namespace {

/// Integers to doubles that only carry their bits, and back.
class bits_operation final : public operation {
public:
    [[nodiscard]] std::string_view name() const override { return "bits"; }
    [[nodiscard]] passage derivative() const override { return passage::not_differentiable; }
    void evaluate(std::span<const array_view> x, const array_view& y, std::byte*) const override
    {
        if (y.shape.size() > 0) std::memcpy(y.data, x[0].data, y.shape.size() * size_of(y.type));
    }
};

bool travels_as_bits(dtype part, dtype packed)
{
    return part == packed || (part == dtype::int64 && packed == dtype::float64);
}

void convert(const void* from, dtype from_type, void* to, dtype to_type, std::size_t count)
{
    visit(from_type, [&](auto s) {
        visit(to_type, [&](auto t) {
            const auto* in = static_cast<const decltype(s)*>(from);
            auto* out = static_cast<decltype(t)*>(to);
            for (std::size_t i = 0; i < count; ++i) {
                out[i] = backtrail::convert<decltype(t)>(in[i]);
            }
        });
    });
}

} // namespace

packing::packing(std::span<const node_ptr> like)
{
    for (const auto& n : like) add(n->type(), n->shape());
}

void packing::add(dtype type, const backtrail::shape& s)
{
    type_ = parts_.empty() || type_ == type ? type : dtype::float64;
    parts_.push_back({type, s, size_, element_count(s)});
    size_ += parts_.back().count;
}

node_ptr packing::unpack(const node_ptr& packed, std::size_t k) const
{
    const part& p = parts_[k];
    const detail::slice chosen = {static_cast<std::ptrdiff_t>(p.offset), 1, p.count};
    const node_ptr slice =
        p.count == size_ ? packed : detail::slice_axes(packed, std::span(&chosen, 1));
    const node_ptr shaped = detail::reshape(slice, p.shape);
    if (p.type == type_) return shaped;
    if (!travels_as_bits(p.type, type_)) return detail::cast(shaped, p.type);
    return make_node(the_operation<bits_operation>(), p.type, p.shape, std::span(&shaped, 1));
}

node_ptr packing::pack(std::span<const node_ptr> nodes) const
{
    std::vector<node_ptr> flat;
    for (std::size_t k = 0; k < parts_.size(); ++k) {
        const backtrail::shape s = {parts_[k].count};
        if (!nodes[k]) {
            flat.push_back(detail::as_node(symbol(), type_, s));
            continue;
        }
        const node_ptr x = detail::reshape(nodes[k], s);
        const bool as_bits = x->type() != type_ && travels_as_bits(x->type(), type_);
        flat.push_back(as_bits
                           ? make_node(the_operation<bits_operation>(), type_, s, std::span(&x, 1))
                           : detail::cast(x, type_));
    }
    return flat.size() == 1 ? flat.front() : detail::concatenate(flat, 0);
}

void packing::store(void* packed, std::size_t k, std::size_t first, const void* from,
                    std::size_t count) const
{
    if (count == 0) return;
    const part& p = parts_[k];
    void* to = static_cast<std::byte*>(packed) + (p.offset + first) * size_of(type_);
    if (travels_as_bits(p.type, type_)) {
        std::memcpy(to, from, count * size_of(type_));
    } else {
        convert(from, p.type, to, type_, count);
    }
}

void packing::load(const void* packed, std::size_t k, std::size_t first, void* to,
                   std::size_t count) const
{
    if (count == 0) return;
    const part& p = parts_[k];
    const void* from = static_cast<const std::byte*>(packed) + (p.offset + first) * size_of(type_);
    if (travels_as_bits(p.type, type_)) {
        std::memcpy(to, from, count * size_of(type_));
    } else {
        convert(from, type_, to, p.type, count);
    }
}

} // namespace backtrail
