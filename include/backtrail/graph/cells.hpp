// SPDX-License-Identifier: BSD-3-Clause
// One step of recurrent layers: the new state from the input and the old state. Weights are those
// of LibTorch: w_i (gates * units, in), w_h (gates * units, units), biases (gates * units).
#pragma once

#include <backtrail/graph/products.hpp>

namespace backtrail {

template <element T>
struct lstm_state {
    tensor<T> h; ///< the output
    tensor<T> c; ///< the memory
};

/// A step of long short-term memory (Hochreiter & Schmidhuber 1997; forget gate of Gers et al.
/// 2000): with (i, f, g, o) the quarters of w_i x + w_h h + b, in this order,
/// c' = sigmoid(f) c + sigmoid(i) tanh(g) and h' = sigmoid(o) tanh(c'). x is (..., in), h and c
/// (..., units). Throws shape_error if shapes do not fit.
/// Derivative: that of the formula
/// Keeps: the operands, the gates before their functions, and c'
/// Elsewhere: -, -, torch.lstm_cell, flax.linen.LSTMCell
template <class X, class H, class C, class WI, class WH, class B>
    requires detail::product_operands<X, H, C, WI, WH, B>
[[nodiscard]] auto lstm_cell(X&& x, H&& h, C&& c, WI&& w_i, WH&& w_h, B&& b)
{
    using T = detail::operand_type<X, H, C, WI, WH, B>;
    const auto of_input =
        detail::make_tensor<T>(detail::linear(detail::operand_node(x), detail::operand_node(w_i)));
    const auto of_state =
        detail::make_tensor<T>(detail::linear(detail::operand_node(h), detail::operand_node(w_h)));
    const tensor<T> gates = of_input + of_state + detail::operand_as<T>(b);
    const auto parts = detail::split_evenly("lstm_cell", gates.get_node(), 4, -1);
    const auto gate = [&](std::size_t i) { return detail::make_tensor<T>(parts[i]); };
    const auto old = detail::operand_as<T>(c);
    detail::require_fits("lstm_cell", "memory", old.get_node(), gate(0).shape());
    const tensor<T> memory = sigmoid(gate(1)) * old + sigmoid(gate(0)) * tanh(gate(2));
    const tensor<T> output = sigmoid(gate(3)) * tanh(memory);
    return lstm_state<T>{output, memory};
}

/// The order of the gates in the weights: reset r, update z, new n.
enum class gru_order {
    reset_first, ///< r, z, n, as LibTorch
    update_first ///< z, r, n, as Keras (with `reset_after`)
};

struct gru_options {
    gru_order order = gru_order::reset_first;
};

/// A step of a gated recurrent unit (Cho et al. 2014, with the reset after the product): of the
/// thirds of w_i x + b_i and w_h h + b_h, r and z are the sigmoids of the sums of two of them,
/// n = tanh(n_i + r n_h), and h' = (1 - z) n + z h. x is (..., in), h (..., units). Throws
/// shape_error if shapes do not fit.
/// Derivative: that of the formula
/// Keeps: the operands, the gates before their functions, and z and n
/// Elsewhere: -, -, torch.gru_cell, flax.linen.GRUCell
template <class X, class H, class WI, class WH, class BI, class BH>
    requires detail::product_operands<X, H, WI, WH, BI, BH>
[[nodiscard]] auto gru_cell(X&& x, H&& h, WI&& w_i, WH&& w_h, BI&& b_i, BH&& b_h,
                            const gru_options& options = {})
{
    using T = detail::operand_type<X, H, WI, WH, BI, BH>;
    const auto state = detail::operand_as<T>(h);
    const tensor<T> of_input =
        linear(detail::operand_as<T>(x), detail::operand_as<T>(w_i), detail::operand_as<T>(b_i));
    const tensor<T> of_state =
        linear(state, detail::operand_as<T>(w_h), detail::operand_as<T>(b_h));
    const auto input_parts = detail::split_evenly("gru_cell", of_input.get_node(), 3, -1);
    const auto state_parts = detail::split_evenly("gru_cell", of_state.get_node(), 3, -1);
    const auto input = [&](std::size_t i) { return detail::make_tensor<T>(input_parts[i]); };
    const auto recurrent = [&](std::size_t i) { return detail::make_tensor<T>(state_parts[i]); };
    detail::require_fits("gru_cell", "state", state.get_node(), input(0).shape());
    const std::size_t reset = options.order == gru_order::reset_first ? 0 : 1;
    const std::size_t update = 1 - reset;
    const tensor<T> z = sigmoid(input(update) + recurrent(update));
    const tensor<T> n = tanh(input(2) + sigmoid(input(reset) + recurrent(reset)) * recurrent(2));
    return tensor<T>((1.0 - z) * n + z * state);
}

} // namespace backtrail
