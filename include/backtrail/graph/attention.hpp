// SPDX-License-Identifier: BSD-3-Clause
// Scaled dot-product attention (Vaswani et al. 2017, equation 1), with masks.
#pragma once

#include <backtrail/graph/composites.hpp>
#include <backtrail/graph/products.hpp>

#include <cmath>
#include <optional>

namespace backtrail {

struct attention_options {
    optional_tensor mask{};        ///< bool: true takes part; float or double: added to the scores
    bool causal = false;           ///< query i sees the keys 0 to i only
    std::optional<double> scale{}; ///< of the scores; none: 1 / sqrt(d)
};

namespace detail {

/// The scores of keys that take part, -inf for the others.
template <element T>
[[nodiscard]] tensor<T> masked_scores(const tensor<T>& products, double scale,
                                      const optional_tensor& mask)
{
    if (!mask) return products * scale;
    require_mask("attention", mask.get_node(), products.get_node());
    if (dtype_of_node(mask.get_node()) == dtype::boolean) {
        return where(make_tensor<bool>(mask.get_node()), products * scale, -infinity);
    }
    return products * scale + option_as<T>("attention", "mask", mask);
}

/// (queries, keys): which keys a query sees.
[[nodiscard]] inline tensor<bool> causal_mask(std::size_t queries, std::size_t keys)
{
    const tensor<std::int64_t> row = constant(xt::arange<std::int64_t>(queries));
    const tensor<std::int64_t> column = constant(xt::arange<std::int64_t>(keys));
    return reshape(row, {-1, 1}) >= column;
}

} // namespace detail

/// softmax(q k^T scale) v for queries (..., l, d), keys (..., s, d) and values (..., s, e); leading
/// axes broadcast. A mask broadcasts to the scores (..., l, s). Throws shape_error if shapes do not
/// fit, dtype_error for a mask of another type.
/// Derivative: that of its parts: with p the softmax, v_bar = p^T z_bar, and with s_bar the
///   pullback of z_bar v^T through the softmax, q_bar = scale s_bar k, k_bar = scale s_bar^T q
/// Keeps: the operands, the scores less their maximum, and the softmax
/// At singular points: a query without a key gives NaN
/// Elsewhere: -, -, torch.nn.functional.scaled_dot_product_attention, jax.nn.dot_product_attention
template <class Q, class K, class V>
    requires detail::product_operands<Q, K, V>
[[nodiscard]] auto attention(Q&& q, K&& k, V&& v, const attention_options& options = {})
{
    using T = detail::operand_type<Q, K, V>;
    const node_ptr queries = detail::operand_node(q), keys = detail::operand_node(k),
                   values = detail::operand_node(v);
    detail::require_attention(queries, keys, values);
    const auto products =
        detail::make_tensor<T>(detail::matmul(queries, detail::matrix_transpose(keys)));
    const shape& s = products.shape();
    const double scale = options.scale.value_or(
        1 / std::sqrt(static_cast<double>(detail::shape_of(queries).back())));
    tensor<T> scores = detail::masked_scores(products, scale, options.mask);
    if (options.causal) {
        scores = where(detail::causal_mask(s[s.size() - 2], s.back()), scores, -infinity);
    }
    return matmul(softmax(scores), detail::make_tensor<T>(values));
}

} // namespace backtrail
