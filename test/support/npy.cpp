// SPDX-License-Identifier: BSD-3-Clause
// The array format of NumPy (.npy, versions 1 to 3): a magic number, a header that is a Python
// dictionary, and the elements. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "npz.hpp"

#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

namespace npz {

namespace {

struct element_type {
    std::string_view descr, name;
    std::size_t size;
};
constexpr std::array element_types{
    element_type{"<f8", "float64", 8}, element_type{"<f4", "float32", 4},
    element_type{"<i8", "int64", 8},   element_type{"<i4", "int32", 4},
    element_type{"|u1", "uint8", 1},   element_type{"|b1", "bool", 1},
};

const element_type& type_of_descr(std::string_view descr)
{
    for (const element_type& type : element_types) {
        if (type.descr == descr) return type;
    }
    throw error("element type '" + std::string(descr) + "' is not read here");
}

/// Reads the header's dictionary from the left; every key must be there once and nothing else.
class header_parser {
public:
    explicit header_parser(std::string_view text) : rest_(text) {}

    void parse()
    {
        expect('{');
        while (!accept('}')) {
            const std::string_view key = quoted();
            expect(':');
            if (key == "descr") {
                once(descr, quoted());
            } else if (key == "fortran_order") {
                once(fortran_order, boolean());
            } else if (key == "shape") {
                once(shape, tuple());
            } else {
                throw error("unknown key '" + std::string(key) + "' in the header");
            }
            if (!accept(',')) {
                expect('}');
                break;
            }
        }
        skip_blanks();
        if (!rest_.empty()) throw error("text after the header's dictionary");
        if (!descr || !fortran_order || !shape) throw error("a key is missing in the header");
    }

    std::optional<std::string_view> descr;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::size_t>> shape;

private:
    template <class T>
    static void once(std::optional<T>& slot, T value)
    {
        if (slot) throw error("a key is given twice in the header");
        slot = std::move(value);
    }

    void skip_blanks()
    {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t\r"), rest_.size()));
    }

    bool accept(char c)
    {
        skip_blanks();
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char c)
    {
        if (!accept(c)) throw error(std::string("expected '") + c + "' in the header");
    }

    std::string_view quoted()
    {
        expect('\'');
        const std::size_t end = rest_.find('\'');
        if (end == std::string_view::npos) throw error("unterminated text in the header");
        const std::string_view text = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return text;
    }

    bool boolean()
    {
        skip_blanks();
        for (const bool value : {false, true}) {
            const std::string_view word = value ? "True" : "False";
            if (!rest_.starts_with(word)) continue;
            rest_.remove_prefix(word.size());
            return value;
        }
        throw error("expected True or False in the header");
    }

    std::vector<std::size_t> tuple()
    {
        std::vector<std::size_t> extents;
        expect('(');
        while (!accept(')')) {
            skip_blanks();
            std::size_t extent = 0;
            const char* const end = rest_.data() + rest_.size();
            const auto [stop, failure] = std::from_chars(rest_.data(), end, extent);
            if (failure != std::errc{}) throw error("an extent is no number of 64 bits");
            rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()));
            extents.push_back(extent);
            if (!accept(',')) {
                expect(')');
                break;
            }
        }
        return extents;
    }

    std::string_view rest_;
};

/// Bytes that an array takes. The extents are multiplied without the zeros among them, so that no
/// product of strides can overflow later.
std::size_t byte_count(const std::vector<std::size_t>& shape, std::size_t element_size)
{
    std::size_t bytes = element_size;
    bool is_empty = false;
    for (const std::size_t extent : shape) {
        if (extent == 0) {
            is_empty = true;
        } else if (bytes > std::numeric_limits<std::size_t>::max() / extent) {
            throw error("the shape overflows");
        } else {
            bytes *= extent;
        }
    }
    return is_empty ? 0 : bytes;
}

/// The elements of an array in Fortran order (first index fastest), written row by row.
std::vector<std::byte> row_major(std::string_view elements, const std::vector<std::size_t>& shape,
                                 std::size_t element_size)
{
    std::vector<std::byte> result(elements.size());
    std::vector<std::size_t> index(shape.size(), 0);
    for (std::size_t at = 0; at < elements.size(); at += element_size) {
        std::size_t from = 0;
        for (std::size_t axis = shape.size(); axis-- > 0;) from = from * shape[axis] + index[axis];
        std::memcpy(&result[at], &elements[from * element_size], element_size);
        for (std::size_t axis = shape.size(); axis-- > 0;) { // the next index, last axis fastest
            if (++index[axis] < shape[axis]) break;
            index[axis] = 0;
        }
    }
    return result;
}

} // namespace

std::size_t array::size() const
{
    std::size_t n = 1;
    for (const std::size_t extent : shape) n *= extent;
    return n;
}

void array::require_dtype(std::string_view wanted) const
{
    if (dtype != wanted) throw error("an array of " + dtype + ", wanted " + std::string(wanted));
}

array parse_npy(std::string_view bytes)
{
    constexpr std::string_view magic = "\x93NUMPY";
    if (!bytes.starts_with(magic) || bytes.size() < 10) throw error("not a .npy array");
    const char version = bytes[6];
    if (version < 1 || version > 3) throw error("unknown version of .npy");
    const std::size_t width = version == 1 ? 2 : 4; // of the field that gives the header's length
    if (bytes.size() < 8 + width) throw error("the header is cut off");
    std::size_t length = 0;
    for (std::size_t i = 0; i < width; ++i) {
        length |= std::size_t(static_cast<unsigned char>(bytes[8 + i])) << (8 * i);
    }
    if (length > bytes.size() - 8 - width) throw error("the header is longer than the file");
    const std::string_view text = bytes.substr(8 + width, length);
    if (!text.ends_with('\n')) throw error("the header does not end with a line break");

    header_parser header(text);
    header.parse();
    const element_type& type = type_of_descr(*header.descr);
    const std::string_view elements = bytes.substr(8 + width + length);
    const std::vector<std::size_t>& shape = *header.shape;
    if (byte_count(shape, type.size) != elements.size()) {
        throw error("the elements do not fill the shape");
    }
    if (type.name == "bool" &&
        elements.find_first_not_of(std::string_view("\0\1", 2)) != elements.npos) {
        throw error("a bool that is neither 0 nor 1");
    }
    if (*header.fortran_order) {
        return {shape, std::string(type.name), row_major(elements, shape, type.size)};
    }
    const auto* const first = reinterpret_cast<const std::byte*>(elements.data());
    return {shape, std::string(type.name), {first, first + elements.size()}};
}

} // namespace npz
