// SPDX-License-Identifier: BSD-3-Clause
// A program: some tensors as a function of some variables, called with the caller's own memory.
#pragma once

#include <backtrail/graph/leaf.hpp>
#include <backtrail/sweep/array.hpp>

#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace backtrail {

/// Any handle to a node: a variable, a tensor, or an unfinished expression.
class any_tensor {
public:
    template <class Tree>
    any_tensor(const expr<Tree>& e)
        : node_(detail::node_of(e)) // NOLINT: a list of handles of any type
    {}
    [[nodiscard]] const node_ptr& get_node() const { return node_; }

private:
    node_ptr node_;
};

namespace detail {

/// Memory of a caller, and what is known of it.
struct foreign_memory {
    void* data = nullptr;
    dtype type = dtype::float64;
    std::size_t elements = 0;
    bool has_shape = false, has_size = false;
    bool is_dense = true, is_writable = true;
    shape extents;
};

template <class C>
concept container_of_elements = requires(C& c) {
    c.data();
    c.size();
    c.shape();
    c.strides();
    c.layout();
};
template <class C>
concept contiguous_range = requires(C& c) {
    c.data();
    c.size();
};

template <class A>
[[nodiscard]] foreign_memory describe(A&& a)
{
    using Arg = std::remove_reference_t<A>;
    foreign_memory m;
    const auto set = [&]<class T>(T* data) {
        static_assert(element<std::remove_cv_t<T>>, "backtrail: memory of another element type");
        m.data = const_cast<std::remove_cv_t<T>*>(data);
        m.type = dtype_of<std::remove_cv_t<T>>;
        m.is_writable = !std::is_const_v<T>;
    };
    if constexpr (std::is_pointer_v<std::remove_cv_t<Arg>>) {
        set(a);
    } else if constexpr (std::is_array_v<Arg>) {
        set(a);
        m.elements = std::size(a);
        m.has_size = true;
    } else if constexpr (container_of_elements<Arg>) {
        if constexpr (requires { a.data_offset(); }) { // where a view of another container begins
            set(a.data() + a.data_offset());
        } else {
            set(a.data());
        }
        m.elements = a.size();
        m.has_shape = m.has_size = true;
        m.extents = shape(a.shape());
        m.is_dense = layout(m.extents, strides(a.strides()), 0).is_dense();
    } else {
        static_assert(contiguous_range<Arg>,
                      "backtrail: a program takes xtensor containers, spans, arrays and pointers");
        set(a.data());
        m.elements = a.size();
        m.has_size = true;
    }
    return m;
}

} // namespace detail

/// The values of `outputs` as a function of the values of `inputs`, planned once and called as often as
/// wanted:
///
///     bt::program p({x, w}, {loss, grad(loss, w)});
///     p(x_data, w_data, &loss_value, w_bar);
///
/// A call takes, in the order of the lists, where the inputs lie and where the outputs go: xtensor
/// containers, spans, or pointers, contiguous and row-major. It reads and writes that memory as it is,
/// copies nothing, and allocates nothing, bookkeeping of loops aside. What the outputs depend on besides is read
/// from the graph's own variables, as they are at the time. Calls of one program must not overlap in time.
class BACKTRAIL_API program {
public:
    /// Throws value_error if an input is no variable, or is listed twice.
    program(std::initializer_list<any_tensor> inputs, std::initializer_list<any_tensor> outputs);
    program(const std::vector<any_tensor>& inputs, const std::vector<any_tensor>& outputs);
    program(program&&) noexcept;
    program& operator=(program&&) noexcept;
    ~program();

    /// Computes the outputs. Throws, having written nothing: value_error if there are too few or too many
    /// arguments, if memory is not contiguous, or if an output is constant or overlaps something else; dtype_error or
    /// shape_error if an argument does not fit its tensor: a program of other shapes must be built anew.
    template <class... A>
    void operator()(A&&... arguments)
    {
        const std::array<detail::foreign_memory, sizeof...(A)> memory = {
            detail::describe(arguments)...};
        call(memory);
    }

    /// The plan as a table; see sweep::explain. Throws state_error if this program has been moved from.
    [[nodiscard]] std::string explain() const;
    /// The most bytes that a call holds, besides the memory of the caller. Of loops of unknown length that keep what
    /// their derivative needs one step is counted. Throws state_error if this program has been moved from.
    [[nodiscard]] std::size_t peak_bytes() const;

private:
    struct state;
    [[nodiscard]] state& present() const;
    void call(std::span<const detail::foreign_memory> memory);
    std::unique_ptr<state> state_;
};

} // namespace backtrail
