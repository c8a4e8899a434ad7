// SPDX-License-Identifier: BSD-3-Clause
// A sweep: a request for a value and its adjoints that is planned once and run again and again.
// Every tag on the way is kept: its value and its adjoint are read back by name.
#pragma once

#include <backtrail/ad/derivative.hpp>
#include <backtrail/sweep/array.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace backtrail {

class BACKTRAIL_API sweep {
public:
    sweep(node_ptr output, std::vector<node_ptr> inputs);
    sweep(sweep&&) noexcept;
    sweep& operator=(sweep&&) noexcept;
    ~sweep();

    /// Computes the value and all adjoints from the present values of the variables. The first
    /// run plans; later ones allocate nothing, unless an array of the last run is still held.
    sweep& run();

    /// The value of the output in the last run. Throws state_error before the first run and
    /// dtype_error if it is not of type T.
    template <element T = double>
    [[nodiscard]] array<T> value() const
    {
        return read<T>(value_of(output()));
    }
    /// The value of a tensor of the graph in the last run. One that is not kept is computed again
    /// if no variable has changed since; if one has, state_error.
    template <class H>
        requires is_expr<H>
    [[nodiscard]] auto value(const H& x) const
    {
        detail::require_handle<H>();
        return read<typename H::value_type>(value_of(detail::node_of(x)));
    }
    /// The value of a tag. Throws tag_error if there is none or more than one of that name.
    template <element T = double>
    [[nodiscard]] array<T> value(std::string_view tag) const
    {
        return read<T>(value_of(find_tag(tag)));
    }

    /// The derivative of the output with respect to a tensor of the graph: the total over all its
    /// uses. Throws unconnected_error, with the reason, if there is none.
    template <class H>
        requires is_expr<H>
    [[nodiscard]] auto adjoint(const H& x) const
    {
        detail::require_handle<H>();
        return read<typename H::value_type>(adjoint_of(detail::node_of(x)));
    }
    template <element T = double>
    [[nodiscard]] array<T> adjoint(std::string_view tag) const
    {
        return read<T>(adjoint_of(find_tag(tag)));
    }

    /// The full paths of all tags the output depends on, sorted.
    [[nodiscard]] std::vector<std::string> tags() const;
    /// What a run does, step by step, as a table. Plans, if no run has.
    [[nodiscard]] std::string explain() const;
    /// The most bytes that runs hold: arena, workspaces of all threads, and results. The variables, the
    /// graph and the insides of BLAS are not counted. Plans, if no run has.
    [[nodiscard]] std::size_t peak_bytes() const;

private:
    struct result {
        buffer data;
        shape extents;
        dtype type;
    };
    struct state;

    [[nodiscard]] state& get() const;
    [[nodiscard]] const node_ptr& output() const;
    [[nodiscard]] node_ptr find_tag(std::string_view path) const;
    [[nodiscard]] result value_of(const node_ptr& n) const;
    [[nodiscard]] result adjoint_of(const node_ptr& n) const;
    static void require_type(const result& r, dtype wanted);

    template <element T>
    [[nodiscard]] static array<T> read(result r)
    {
        require_type(r, dtype_of<T>);
        return detail::make_array<T>(std::move(r.data), r.extents);
    }

    std::unique_ptr<state> state_;
};

/// A request for the gradient of a single number with respect to some inputs, and for the value
/// and the adjoint of every tag between. Computes nothing. Throws shape_error if `loss` has more
/// than one element.
template <class Y, class... T>
[[nodiscard]] sweep reverse(const expr<Y>& loss, const wrt_list<T...>& x)
{
    static_assert(differentiable<value_type_of<Y>>,
                  "backtrail: only float and double can be differentiated");
    return {detail::node_of(loss), x.nodes};
}

} // namespace backtrail
