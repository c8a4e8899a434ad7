// SPDX-License-Identifier: BSD-3-Clause
// A sweep: a request for a value, its adjoints and whatever is wanted of the tensors between, planned
// once and run again and again. First the requests, then run(), then what can be read.
#pragma once

#include <backtrail/ad/derivative.hpp>
#include <backtrail/run/progress.hpp>
#include <backtrail/sweep/array.hpp>
#include <backtrail/sweep/memory.hpp>
#include <backtrail/sweep/reducers.hpp>
#include <backtrail/sweep/selection.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace backtrail {

/// How an adjoint stands: whether there is one, and the reason if not, in words.
struct adjoint_status {
    connection kind = connection::ok;
    std::string reason;
    friend bool operator==(const adjoint_status& s, connection kind) { return s.kind == kind; }
};

struct before_edit_t {};
/// As an argument of reads: what arrives at an edit, not what goes on from there.
inline constexpr before_edit_t before_edit{};

namespace detail {

/// An array of a run, without its element type.
struct result {
    buffer data;
    shape extents;
    dtype type = dtype::float64;
};

/// How something is read.
struct read_options {
    bool before = false; ///< as it arrives at an edit
    bool zeros = false;  ///< where there is none
    const reduction* by = nullptr;

    void take(before_edit_t) { before = true; }
    void take(zero_if_unconnected_t) { zeros = true; }
};

BACKTRAIL_API void require_read_type(const result& r, dtype wanted);

template <element T>
[[nodiscard]] array<T> as_array(result r)
{
    require_read_type(r, dtype_of<T>);
    return make_array<T>(std::move(r.data), r.extents);
}

template <class Option>
concept a_read_option =
    std::same_as<Option, before_edit_t> || std::same_as<Option, zero_if_unconnected_t>;

/// Host code that is shown an array: its path, and what it is.
using observer = std::function<void(const std::string&, const result&)>;
using edit = std::function<node_ptr(const node_ptr&)>;

struct sweep_state;
class weak_sweep;

} // namespace detail

/// A handle: copies share the request and its results. It belongs to one thread at a time.
class BACKTRAIL_API sweep {
public:
    sweep(node_ptr output, std::vector<node_ptr> inputs);

    // ---- requests: known before anything is planned; one after a run plans anew ---------------------

    /// What is kept of the intermediates, besides the output and the adjoints of the inputs: nothing
    /// else, and `keep()` nothing at all. Without it the values and adjoints of all tags are kept (and
    /// tangents, where some are given). What is kept changes no bit of any result. Throws tag_error if a
    /// pattern matches no tag, naming near ones, or a path of two nodes, naming both places.
    template <std::same_as<selection>... S>
    sweep& keep(const S&... selections)
    {
        keep_only({selections...});
        return *this;
    }
    /// What is kept besides what is kept anyway.
    sweep& also_keep(const selection& s);

    /// Calls `f(array)` or `f(path, array)` with the values of all tags of element type T that match, or
    /// of a tensor: once for each node and run, after the run's computations and before it ends; values
    /// in the order they are computed in, then adjoints in theirs, which is from the output back. If it
    /// throws, the run has failed: nothing can be read until the next one. It may not read the sweep. Of a
    /// tag in a loop, "u[*]", it is called while the run goes on, once for each step however often the step
    /// is computed, values in the order of the steps, adjoints in the reverse.
    template <element T = double, detail::a_target X, class F>
    sweep& on_value(const X& x, F f)
    {
        return observe<typename detail::read_type<T, X>::type>(detail::quantity::value, x, f);
    }
    /// The same of adjoints, total over all uses. A pattern with `*` or `?` passes over tags that have
    /// none; for one that is named, the run throws unconnected_error.
    template <element T = double, detail::a_target X, class F>
    sweep& on_adjoint(const X& x, F f)
    {
        return observe<typename detail::read_type<T, X>::type>(detail::quantity::adjoint, x, f);
    }
    /// Calls `f(run)` at the end of each run, with the number of runs so far; it may read the sweep.
    sweep& on_run(std::function<void(std::size_t)> f);

    /// Everything that reads the node reads `f(x)` instead: an expression of its tensor, of the same
    /// shape and type, which becomes part of the graph of this sweep alone, and is differentiated with it.
    /// `f` is called when the sweep is planned. Tensors it mentions mean their unedited selves.
    template <element T = double, detail::a_target X, class F>
    sweep& edit_value(const X& x, F f)
    {
        return add_edit(detail::quantity::value, detail::as_target(x),
                        as_edit<typename detail::read_type<T, X>::type>(std::move(f)));
    }
    /// What goes on from the node's adjoint, once it is complete, is `f(x_bar)`, an expression as above.
    template <element T = double, detail::a_target X, class F>
    sweep& edit_adjoint(const X& x, F f)
    {
        return add_edit(detail::quantity::adjoint, detail::as_target(x),
                        as_edit<typename detail::read_type<T, X>::type>(std::move(f)));
    }
    /// Adds a cotangent to the adjoint of a node, as one more use of it would: a tensor, an array or a
    /// number that broadcasts. Variables in it may change between runs.
    template <element T = double, detail::a_target X, class D>
        requires(is_expr<D> || foreign_operand<D>)
    sweep& seed_adjoint(const X& x, const D& x_bar)
    {
        return add_seed(detail::as_target(x), as_direction<T, X>(x_bar));
    }
    /// Forward mode, too: gives a node a tangent, added to what reaches it.
    template <element T = double, detail::a_target X, class D>
        requires(is_expr<D> || foreign_operand<D>)
    sweep& tangent(const X& x, const D& x_dot)
    {
        return add_tangent(detail::as_target(x), as_direction<T, X>(x_dot));
    }
    /// No derivative passes the node, as if all its uses were of `stop_gradient(x)`. What arrives there is
    /// read with `before_edit`.
    template <detail::a_target X>
    sweep& stop_gradient(const X& x)
    {
        return add_cut("stop_gradient", detail::as_target(x));
    }
    /// The same for all tags that match: `freeze("teacher/*")`.
    template <detail::a_target X>
    sweep& freeze(const X& x)
    {
        return add_cut("freeze", detail::as_target(x));
    }
    /// A run throws nonfinite_error where a node makes a NaN or an infinity, and says which, in the order
    /// of execution. Its results can still be read. Costs nothing when off.
    sweep& trap_nonfinite(bool on = true);

    /// A limit for what a run holds. Under it loops keep fewer states and run steps again, so that all
    /// results have the same bits at every budget. Tags that are kept only because nothing else was said
    /// are given up first; they are computed again when they are read, in memory of the same limit. A run
    /// throws budget_error if the budget is below `plan().minimum_bytes`.
    sweep& memory(memory_budget b);

    /// Runs compare what they compute again with what they computed first, by hashes of the states of loops,
    /// and throw recomputation_error, which names the step and the tags of the loop, if it differs: where the
    /// body calls something that does not repeat itself, or memory fails.
    sweep& verify(bool on = true);

    // ---- run ----------------------------------------------------------------------------------------

    /// Calls `f` after each step of an outermost loop, run or reversed, on the thread that runs the sweep. If
    /// it throws, the run has failed. Nothing: nobody is told.
    sweep& on_progress(std::function<void(const progress&)> f);

    /// Computes everything from the present values of the variables. The first run plans; later ones
    /// allocate nothing, bookkeeping of loops aside, unless an array of the last run is still held. If a stop
    /// is asked for, throws cancelled_error between two instructions; the next run is as if this one had not been.
    sweep& run(const std::stop_token& stop = {});

    // ---- what can be read ---------------------------------------------------------------------------

    /// The value of the output in the last run. Throws state_error before the first run and
    /// dtype_error if it is not of type T.
    template <element T = double>
    [[nodiscard]] array<T> value() const
    {
        return detail::as_array<T>(read_output());
    }
    /// The value of a tag, or of any tensor. Tags are read as double unless another type is said. One that
    /// is not kept is computed again, without hooks, if no variable has changed since the run; if one has,
    /// state_error. Throws tag_error if there is no such tag, or more than one.
    template <element T = double, detail::a_target X, detail::a_read_option... Option>
    [[nodiscard]] auto value(const X& x, Option... option) const
    {
        return read_array<T>(detail::quantity::value, x, option...);
    }
    /// The derivative of the output with respect to it: the total over all its uses. Throws
    /// unconnected_error, with the reason, if there is none; `zero_if_unconnected` asks for zeros.
    template <element T = double, detail::a_target X, detail::a_read_option... Option>
    [[nodiscard]] auto adjoint(const X& x, Option... option) const
    {
        return read_array<T>(detail::quantity::adjoint, x, option...);
    }
    /// Its tangent, from those given by `tangent(x, x_dot)`.
    template <element T = double, detail::a_target X, detail::a_read_option... Option>
    [[nodiscard]] auto tangent(const X& x, Option... option) const
    {
        return read_array<T>(detail::quantity::tangent, x, option...);
    }
    /// What a reducer makes of them, `s.value("h", histogram(64))`: as it was kept, or computed again.
    template <detail::a_target X, reducer R, detail::a_read_option... Option>
    [[nodiscard]] typename R::result value(const X& x, const R& by, Option... option) const
    {
        return read_reduced(detail::quantity::value, x, by, option...);
    }
    template <detail::a_target X, reducer R, detail::a_read_option... Option>
    [[nodiscard]] typename R::result adjoint(const X& x, const R& by, Option... option) const
    {
        return read_reduced(detail::quantity::adjoint, x, by, option...);
    }
    /// The part of an adjoint that comes from one use: through `consumer`, a tensor or tag computed from x
    /// in one statement. The parts of all uses add up to the total.
    template <element T = double, detail::a_target X, detail::a_target Y>
    [[nodiscard]] auto adjoint_of_use(const X& x, const Y& consumer) const
    {
        using R = typename detail::read_type<T, X>::type;
        return detail::as_array<R>(read_use(detail::as_target(x), detail::as_target(consumer)));
    }
    /// Whether there is an adjoint, and if not, why.
    template <detail::a_target X>
    [[nodiscard]] adjoint_status status(const X& x) const
    {
        return status_of(detail::as_target(x));
    }

    /// The full paths of all tags the output depends on, sorted.
    [[nodiscard]] std::vector<std::string> tags() const;
    /// What a run does, step by step, as a table. Plans, if no run has.
    [[nodiscard]] std::string explain() const;
    /// What a run holds and computes again. Plans, if no run has, and takes no memory.
    [[nodiscard]] memory_plan plan() const;
    /// `plan().peak_bytes`.
    [[nodiscard]] std::size_t peak_bytes() const;
    [[nodiscard]] dtype output_type() const;
    /// For other floors: what has been asked and computed.
    [[nodiscard]] detail::sweep_state& state() const;

private:
    friend class detail::weak_sweep;
    explicit sweep(std::shared_ptr<detail::sweep_state> state) : state_(std::move(state)) {}
    void keep_only(std::vector<selection> selections);
    sweep& add_observer(detail::quantity what, const detail::target& x, dtype type,
                        detail::observer f);
    sweep& add_step_observer(detail::quantity what, const detail::target& x, dtype type,
                             const detail::observer& f);
    sweep& add_edit(detail::quantity what, const detail::target& x, detail::edit f);
    sweep& add_seed(const detail::target& x, const node_ptr& x_bar);
    sweep& add_tangent(const detail::target& x, const node_ptr& x_dot);
    sweep& add_cut(const char* verb, const detail::target& x);
    [[nodiscard]] detail::result read_output() const;
    [[nodiscard]] detail::result read(detail::quantity what, const detail::target& x,
                                      const detail::read_options& options) const;
    [[nodiscard]] detail::result read_steps(detail::quantity what, const detail::target& x,
                                            const detail::read_options& options) const;
    [[nodiscard]] detail::result read_use(const detail::target& x,
                                          const detail::target& consumer) const;
    [[nodiscard]] adjoint_status status_of(const detail::target& x) const;
    [[nodiscard]] shape shape_of(const detail::target& x) const;

    template <element T, class X, class F>
    sweep& observe(detail::quantity what, const X& x, F f)
    {
        return add_observer(what, detail::as_target(x), dtype_of<T>,
                            [f](const std::string& path, const detail::result& r) mutable {
                                if constexpr (std::invocable<F&, const std::string&, array<T>>) {
                                    f(path, detail::as_array<T>(r));
                                } else {
                                    f(detail::as_array<T>(r));
                                }
                            });
    }
    template <element T, class F>
    [[nodiscard]] static detail::edit as_edit(F f)
    {
        return [f = std::move(f)](const node_ptr& n) {
            const tensor<T> edited = f(tensor<T>(detail::from_node, n));
            return edited.get_node();
        };
    }
    template <element T, class X, class D>
    [[nodiscard]] static node_ptr as_direction(const D& d)
    {
        if constexpr (is_expr<D>) {
            return detail::node_of(d);
        } else {
            return detail::constant_node<typename detail::read_type<T, X>::type>(d);
        }
    }
    template <element T, class X, class... Option>
    [[nodiscard]] auto read_array(detail::quantity what, const X& x, Option... option) const
    {
        detail::read_options options;
        (options.take(option), ...);
        using R = typename detail::read_type<T, X>::type;
        return detail::as_array<R>(read(what, detail::as_target(x), options));
    }
    template <class X, class R, class... Option>
    [[nodiscard]] typename R::result read_reduced(detail::quantity what, const X& x, const R& by,
                                                  Option... option) const
    {
        const detail::reduction reduction = by.as_reduction();
        detail::read_options options;
        (options.take(option), ...);
        options.by = &reduction;
        const detail::target target = detail::as_target(x);
        const detail::result r = read(what, target, options);
        return by.decode(std::span(r.data.template as<const double>(), element_count(r.extents)),
                         shape_of(target));
    }

    std::shared_ptr<detail::sweep_state> state_;
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

namespace detail {
/// The node of a tag that y depends on. Throws tag_error if there is none, or more than one.
[[nodiscard]] BACKTRAIL_API node_ptr find_tag(const node_ptr& y, std::string_view path);
/// The derivative of a single number with respect to it.
[[nodiscard]] BACKTRAIL_API node_ptr adjoint_node(const node_ptr& loss, const node_ptr& x);
} // namespace detail

/// The adjoint of a tag as a tensor to build on: d loss / d h, so that a loss may contain it. The tag
/// means the forward node, also in a graph that was differentiated.
template <element T = double, class Y>
[[nodiscard]] tensor<T> adjoint_of(std::string_view tag, const expr<Y>& loss)
{
    const node_ptr y = detail::node_of(loss);
    return {detail::from_node, detail::adjoint_node(y, detail::find_tag(y, tag))};
}

} // namespace backtrail
