// SPDX-License-Identifier: BSD-3-Clause
// Registry: products of matrices, vectors and whole arrays.
#include "registry.hpp"

namespace oracle {

namespace {

/// beta and alpha, where the variant has them.
bt::addmm_options factors(const op_variant& v)
{
    bt::addmm_options options;
    if (v.attributes.contains("beta")) options.beta = v.attributes.number("beta");
    if (v.attributes.contains("alpha")) options.alpha = v.attributes.number("alpha");
    return options;
}

/// At most: all elements of the first input are summed.
std::size_t terms_of_first(const op_variant& v) { return v.inputs.at(0).size(); }
/// The last extent of the second input.
std::size_t terms_of_factor(const op_variant& v) { return v.inputs.at(1).shape.back(); }

/// `dims` is one number, or two lists of one length, flat.
real tensordot(const op_variant& v, const arguments& in)
{
    const std::vector<std::ptrdiff_t> dims = v.attributes.integers("dims");
    if (dims.size() == 1) {
        return bt::tensordot(in[0], in[1], static_cast<std::size_t>(dims[0]));
    }
    const auto middle = dims.begin() + static_cast<std::ptrdiff_t>(dims.size() / 2);
    return bt::tensordot(in[0], in[1], std::vector(dims.begin(), middle),
                         std::vector(middle, dims.end()));
}

void add_matrix_products(registry& ops)
{
    ops.add("matmul", {[](const op_variant&, const arguments& in) {
                           return outputs{bt::matmul(in[0], in[1])};
                       },
                       &terms_contracted});
    ops.add("dot",
            {[](const op_variant&, const arguments& in) { return outputs{bt::dot(in[0], in[1])}; },
             &terms_contracted});
    ops.add("addmm", {[](const op_variant& v, const arguments& in) {
                          return outputs{bt::addmm(in[0], in[1], in[2], factors(v))};
                      },
                      &terms_of_factor});
    ops.add("baddbmm", {[](const op_variant& v, const arguments& in) {
                            return outputs{bt::baddbmm(in[0], in[1], in[2], factors(v))};
                        },
                        &terms_of_factor});
    ops.add("linear", {[](const op_variant&, const arguments& in) {
                           return outputs{in.size() == 2 ? bt::linear(in[0], in[1])
                                                         : bt::linear(in[0], in[1], in[2])};
                       },
                       &terms_contracted});
}

} // namespace

void add_products(registry& ops)
{
    add_matrix_products(ops);
    ops.binary("outer", [](const real& x, const real& y) { return bt::outer(x, y); });
    ops.binary("kron", [](const real& x, const real& y) { return bt::kron(x, y); });
    ops.add("cross", {[](const op_variant& v, const arguments& in) {
                const bool has_axis = v.attributes.contains("axis");
                return outputs{
                    bt::cross(in[0], in[1], has_axis ? v.attributes.integer("axis") : -1)};
            }});
    ops.add("einsum", {[](const op_variant& v, const arguments& in) {
                           return outputs{bt::einsum(v.attributes.text("equation"), in.reals())};
                       },
                       &terms_of_first});
    ops.add("tensordot",
            {[](const op_variant& v, const arguments& in) { return outputs{tensordot(v, in)}; },
             &terms_of_first});
}

} // namespace oracle
