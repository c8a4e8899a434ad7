// SPDX-License-Identifier: BSD-3-Clause
// Fields as pictures, written by libpng.
#pragma once

#include <backtrail/backtrail.hpp>

#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

namespace example {

/// The colour of x from 0 to 1: from blue through white to red, as maps of differences are drawn.
inline std::array<unsigned char, 3> colour_of(double x)
{
    constexpr std::array<std::array<double, 3>, 5> stops = {
        {{5, 48, 97}, {67, 147, 195}, {247, 247, 247}, {214, 96, 77}, {103, 0, 31}}};
    const double at = std::clamp(x, 0.0, 1.0) * (stops.size() - 1);
    const auto i = std::min(static_cast<std::size_t>(at), stops.size() - 2);
    std::array<unsigned char, 3> colour{};
    for (std::size_t c = 0; c < 3; ++c) {
        colour[c] = static_cast<unsigned char>(
            std::lround(std::lerp(stops[i][c], stops[i + 1][c], at - static_cast<double>(i))));
    }
    return colour;
}

/// Writes an array of rank 2, its first row on top, 6 x 6 pixels an element; the colours span
/// ±`largest`. Throws std::runtime_error if the file cannot be written.
inline void write_picture(const std::string& file, const xt::xarray<double>& a, double largest)
{
    constexpr std::size_t scale = 6;
    const std::size_t height = scale * a.shape()[0], width = scale * a.shape()[1];
    std::vector<unsigned char> pixels;
    pixels.reserve(3 * height * width);
    for (std::size_t i = 0; i < height; ++i) {
        for (std::size_t j = 0; j < width; ++j) {
            const auto colour = colour_of(0.5 + 0.5 * a(i / scale, j / scale) / largest);
            pixels.insert(pixels.end(), colour.begin(), colour.end());
        }
    }
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.format = PNG_FORMAT_RGB;
    image.height = static_cast<png_uint_32>(height);
    image.width = static_cast<png_uint_32>(width);
    if (png_image_write_to_file(&image, file.c_str(), 0, pixels.data(), 0, nullptr) == 0) {
        throw std::runtime_error("cannot write " + file + ": " + image.message);
    }
}

} // namespace example
