// SPDX-License-Identifier: BSD-3-Clause
// Builders of nodes that rearrange elements, without element types: beside graph/build.hpp, what
// graph/rearrange.hpp, graph/diagonal.hpp and graph/update.hpp are made of. First the few that are
// operations, then those that are made of others.
#pragma once

#include <backtrail/graph/build.hpp>

#include <utility>

namespace backtrail {

/// What `pad` writes beside an array.
enum class pad_mode {
    constant,  ///< one value
    reflect,   ///< the elements mirrored at the first and last, which are not repeated: c b|a b c
    replicate, ///< the first and last element: a a|a b c (NumPy's `edge`)
    circular,  ///< the array anew: b c|a b c (NumPy's `wrap`)
};

/// Which axis of a grid the first vector lies along.
enum class indexing {
    ij, ///< the first axis, the second vector along the second, as in a matrix
    xy, ///< the second axis, and the second vector along the first, as in a plot
};

namespace detail {

using integer_list = std::span<const std::ptrdiff_t>;
using pad_pairs = std::span<const std::pair<std::ptrdiff_t, std::ptrdiff_t>>;

/// Where the elements of a window lie in an array: the first at index `start`, and a step along
/// axis k of the window goes steps[k] along the axes of the array. Windows may overlap.
struct window_map {
    strides start;
    std::vector<strides> steps;
    std::string_view view_name, scatter_name; ///< of the operations, for messages
};

// Operations. The first two, and the next two, are each other's transposes.

/// The elements of x that a window shows: a view.
[[nodiscard]] BACKTRAIL_API node_ptr window(const node_ptr& x, const shape& extents,
                                            const window_map& map);
/// Zeros of shape `to`, to which the elements of x are added where the window shows them.
[[nodiscard]] BACKTRAIL_API node_ptr scatter_window(const node_ptr& x, const shape& to,
                                                    const window_map& map);
/// Slices of x along one axis, joined along it; a slice of step 0 repeats an element.
[[nodiscard]] BACKTRAIL_API node_ptr join_slices(std::string_view name, const node_ptr& x,
                                                 std::size_t axis, std::vector<slice> parts);
/// Zeros with `extent` elements along the axis, to which the parts of x are added.
[[nodiscard]] BACKTRAIL_API node_ptr scatter_slices(std::string_view name, const node_ptr& x,
                                                    std::size_t axis, std::vector<slice> parts,
                                                    std::size_t extent);
/// The elements of the last two axes on and below diagonal k (above, if not `lower`), else 0.
[[nodiscard]] BACKTRAIL_API node_ptr triangle(const node_ptr& x, std::ptrdiff_t k, bool lower);
/// x with v in the places that `slices` selects, or added to them.
[[nodiscard]] BACKTRAIL_API node_ptr write_slices(const node_ptr& x, const node_ptr& v,
                                                  std::span<const slice> slices, bool adds);

// Axes. No axes given means all.
[[nodiscard]] BACKTRAIL_API node_ptr move_axes(const node_ptr& x, integer_list source,
                                               integer_list destination);
[[nodiscard]] BACKTRAIL_API node_ptr swap_axes(const node_ptr& x, std::ptrdiff_t first,
                                               std::ptrdiff_t second);
[[nodiscard]] BACKTRAIL_API node_ptr squeeze(const node_ptr& x, std::optional<integer_list> over);
[[nodiscard]] BACKTRAIL_API node_ptr expand_dims(const node_ptr& x, integer_list at);
[[nodiscard]] BACKTRAIL_API node_ptr flip(const node_ptr& x, std::optional<integer_list> over);
[[nodiscard]] BACKTRAIL_API node_ptr rot90(const node_ptr& x, std::ptrdiff_t k, integer_list plane);

// Parts and repetitions. No axis given means the flattened array.
[[nodiscard]] BACKTRAIL_API node_ptr roll(const node_ptr& x, integer_list shifts,
                                          std::optional<integer_list> over);
[[nodiscard]] BACKTRAIL_API node_ptr repeat(const node_ptr& x, integer_list counts,
                                            std::optional<std::ptrdiff_t> axis);
[[nodiscard]] BACKTRAIL_API node_ptr tile(const node_ptr& x, integer_list counts);
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> split(const node_ptr& x, integer_list sizes,
                                                        std::ptrdiff_t axis);
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> split_evenly(const node_ptr& x,
                                                               std::ptrdiff_t count,
                                                               std::ptrdiff_t axis);
[[nodiscard]] BACKTRAIL_API node_ptr pad(const node_ptr& x, pad_pairs widths, pad_mode mode,
                                         double value);
[[nodiscard]] BACKTRAIL_API std::vector<node_ptr> meshgrid(std::span<const node_ptr> x,
                                                           indexing how);

// Windows and diagonals.
[[nodiscard]] BACKTRAIL_API node_ptr unfold(const node_ptr& x, std::ptrdiff_t axis,
                                            std::ptrdiff_t size, std::ptrdiff_t step);
[[nodiscard]] BACKTRAIL_API node_ptr diagonal(const node_ptr& x, std::ptrdiff_t offset,
                                              std::ptrdiff_t axis1, std::ptrdiff_t axis2);
[[nodiscard]] BACKTRAIL_API node_ptr diag_embed(const node_ptr& x, std::ptrdiff_t offset,
                                                std::ptrdiff_t axis1, std::ptrdiff_t axis2);
[[nodiscard]] BACKTRAIL_API node_ptr diag(const node_ptr& x, std::ptrdiff_t k);
[[nodiscard]] BACKTRAIL_API node_ptr trace(const node_ptr& x, std::ptrdiff_t offset,
                                           std::ptrdiff_t axis1, std::ptrdiff_t axis2);

} // namespace detail
} // namespace backtrail
