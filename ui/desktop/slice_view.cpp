// SPDX-License-Identifier: Apache-2.0
#include "ui/desktop/slice_view.h"

#include <algorithm>
#include <cmath>

namespace precentral {
namespace {

struct Axes {
    int across;
    int up;
    int through;
};

Axes axes_of(Plane plane) {
    switch (plane) {
        case Plane::axial: return {0, 1, 2};
        case Plane::coronal: return {0, 2, 1};
        case Plane::sagittal: return {1, 2, 0};
    }
    return {0, 1, 2};
}

float sample(const Volume& v, const Eigen::Vector3d& voxel) {
    const double x = voxel.x();
    const double y = voxel.y();
    const double z = voxel.z();
    if (!(x >= 0.0 && y >= 0.0 && z >= 0.0 && x <= v.dims[0] - 1 && y <= v.dims[1] - 1 && z <= v.dims[2] - 1)) {
        return 0.0F;
    }
    const int i = std::min(static_cast<int>(x), std::max(0, v.dims[0] - 2));
    const int j = std::min(static_cast<int>(y), std::max(0, v.dims[1] - 2));
    const int k = std::min(static_cast<int>(z), std::max(0, v.dims[2] - 2));
    const int i1 = std::min(i + 1, v.dims[0] - 1);
    const int j1 = std::min(j + 1, v.dims[1] - 1);
    const int k1 = std::min(k + 1, v.dims[2] - 1);
    const auto fx = static_cast<float>(x - i);
    const auto fy = static_cast<float>(y - j);
    const auto fz = static_cast<float>(z - k);
    const auto mix = [](float a, float b, float u) { return a + (b - a) * u; };
    const float low = mix(mix(v.at(i, j, k), v.at(i1, j, k), fx), mix(v.at(i, j1, k), v.at(i1, j1, k), fx), fy);
    const float high = mix(mix(v.at(i, j, k1), v.at(i1, j, k1), fx), mix(v.at(i, j1, k1), v.at(i1, j1, k1), fx), fy);
    return mix(low, high, fz);
}

}  // namespace

GreyWindow grey_window(const Volume& volume) {
    GreyWindow out;
    if (!volume.samples || volume.samples->empty()) return out;
    std::vector<float> some;
    const std::size_t step = std::max<std::size_t>(1, volume.samples->size() / 200000);
    for (std::size_t i = 0; i < volume.samples->size(); i += step) {
        const float value = (*volume.samples)[i];
        if (std::isfinite(value)) some.push_back(value);
    }
    if (some.empty()) return out;
    std::sort(some.begin(), some.end());
    out.low = some[some.size() / 50];
    out.high = some[std::min(some.size() - 1, some.size() * 995 / 1000)];
    if (!(out.high > out.low)) out.high = out.low + 1.0F;
    return out;
}

Cut cut_through(const Volume& volume, Plane plane, const Point<Scan>& at, const GreyWindow& window) {
    Cut out;
    if (!volume.samples || volume.samples->size() != volume.count() || volume.count() == 0) return out;
    const Axes axes = axes_of(plane);
    Eigen::Vector3d low = Eigen::Vector3d::Constant(1e9);
    Eigen::Vector3d high = -low;
    for (int corner = 0; corner < 8; ++corner) {
        const Eigen::Vector3d voxel((corner & 1) != 0 ? volume.dims[0] - 1 : 0,
                                    (corner & 2) != 0 ? volume.dims[1] - 1 : 0,
                                    (corner & 4) != 0 ? volume.dims[2] - 1 : 0);
        const Eigen::Vector3d p = volume.scan_from_voxel.affine() * voxel;
        low = low.cwiseMin(p);
        high = high.cwiseMax(p);
    }
    constexpr int kMost = 1024;
    const int width = std::clamp(static_cast<int>(std::lround(high[axes.across] - low[axes.across])) + 1, 1, kMost);
    const int height = std::clamp(static_cast<int>(std::lround(high[axes.up] - low[axes.up])) + 1, 1, kMost);
    out.image = QImage(width, height, QImage::Format_Grayscale8);
    out.left_mm = low[axes.across];
    out.top_mm = high[axes.up];
    const Eigen::Affine3d voxel_from_scan = volume.scan_from_voxel.inverse().affine();
    const Eigen::Vector3d step = voxel_from_scan.linear().col(axes.across);
    const float gain = 255.0F / (window.high - window.low);
    for (int row = 0; row < height; ++row) {
        Eigen::Vector3d p = at.xyz;
        p[axes.across] = out.left_mm;
        p[axes.up] = out.top_mm - row;
        Eigen::Vector3d voxel = voxel_from_scan * p;
        uchar* line = out.image.scanLine(row);
        for (int column = 0; column < width; ++column, voxel += step) {
            const float grey = (sample(volume, voxel) - window.low) * gain;
            line[column] = static_cast<uchar>(std::clamp(grey, 0.0F, 255.0F));
        }
    }
    return out;
}

SliceView::SliceView(QWidget* parent, Plane plane) : Panel(parent), plane_(plane) {}

void SliceView::set_volume(const Volume& volume, const GreyWindow& window) {
    volume_ = volume;
    window_ = window;
    content_.any = false;
    cut_ = {};
    update();
}

Eigen::Vector2d SliceView::on_plane(const Eigen::Vector3d& scan_mm) const {
    const Axes axes = axes_of(plane_);
    return {(scan_mm[axes.across] - cut_.left_mm) / cut_.pixel_mm + 0.5,
            (cut_.top_mm - scan_mm[axes.up]) / cut_.pixel_mm + 0.5};
}

void SliceView::present(const Shown& shown) {
    if (shown.head == nullptr) return;
    const SessionView& view = shown.view;
    Content next;
    next.any = true;
    if (view.target) {
        next.at = view.target->cortex.xyz;
        next.at_target = true;
    } else {
        const Eigen::Vector3d middle((shown.head->t1.dims[0] - 1) / 2.0, (shown.head->t1.dims[1] - 1) / 2.0,
                                     (shown.head->t1.dims[2] - 1) / 2.0);
        next.at = shown.head->t1.scan_from_voxel.affine() * middle;
    }
    if (view.scan_from_coil && shown.tracking.fresh && view.link == LinkState::connected &&
        view.head.state == ToolState::visible && view.coil.state == ToolState::visible && view.step == Step::target) {
        next.coil_live = true;
        const auto rounded = [](const Point<Scan>& p) {
            return Eigen::Vector3d((p.xyz * 4.0).array().round().matrix() / 4.0);
        };
        next.coil = rounded(view.scan_from_coil->origin());
        next.coil_deep = rounded(*view.scan_from_coil * Point<Coil>{Eigen::Vector3d(0, 0, 30)});
    }
    if (next == content_ && !cut_.image.isNull()) return;
    if (cut_.image.isNull() || next.at != content_.at || !content_.any) {
        cut_ = cut_through(volume_, plane_, {next.at}, window_);
    }
    content_ = next;
    update();
}

void SliceView::draw(Ink& ink) {
    QPainter& p = ink.painter();
    const QColor black(0x05070a);
    const QColor light(0xe9eef3);
    const QColor grey(0x94a1ae);
    ink.box({0, 0, w(), h()}, 6, black);
    if (cut_.image.isNull()) {
        ink.text(w() / 2, h() / 2, QStringLiteral("No image yet"), {kBodyPx, false, grey, Align::centre});
        return;
    }
    const double edge = 22.0;
    const double k = std::min((w() - 2 * edge) / cut_.image.width(), (h() - 2 * edge) / cut_.image.height());
    const QRectF place((w() - k * cut_.image.width()) / 2, (h() - k * cut_.image.height()) / 2, k * cut_.image.width(),
                       k * cut_.image.height());
    p.setRenderHint(QPainter::SmoothPixmapTransform);
    p.drawImage(place, cut_.image);
    const auto at = [&](const Eigen::Vector3d& scan) {
        const Eigen::Vector2d on = on_plane(scan);
        return QPointF(place.left() + k * on.x(), place.top() + k * on.y());
    };
    const QPointF c = at(content_.at);
    if (content_.at_target) {
        const QColor cross = dark_theme().accent;
        for (const QPointF d : {QPointF(1, 0), QPointF(-1, 0), QPointF(0, 1), QPointF(0, -1)}) {
            const double length = d.x() > 0   ? place.right() - c.x()
                                  : d.x() < 0 ? c.x() - place.left()
                                  : d.y() > 0 ? place.bottom() - c.y()
                                              : c.y() - place.top();
            if (length > 12) ink.line(c + d * 12, c + d * length, cross, 1.2);
        }
        ink.ring(c, 7, cross, 2.5);
    }
    if (content_.coil_live) {
        const QPointF a = at(content_.coil);
        const QPointF b = at(content_.coil_deep);
        ink.line(a, b, dark_theme().on, 2.5);
        ink.disc(a, 4.5, dark_theme().on, black, 1.5);
    }

    // Letters always. Left is left.
    const bool sagittal = plane_ == Plane::sagittal;
    const QString letters[4] = {sagittal ? QStringLiteral("P") : QStringLiteral("L"),
                                sagittal ? QStringLiteral("A") : QStringLiteral("R"),
                                plane_ == Plane::axial ? QStringLiteral("A") : QStringLiteral("S"),
                                plane_ == Plane::axial ? QStringLiteral("P") : QStringLiteral("I")};
    const QColor left_colour = sagittal ? light : dark_theme().left;
    const QColor right_colour = sagittal ? light : dark_theme().right;
    ink.text(6, h() / 2 + 6, letters[0], {kKeyPx, true, left_colour});
    ink.text(w() - 6, h() / 2 + 6, letters[1], {kKeyPx, true, right_colour, Align::right});
    ink.text(w() / 2, 18, letters[2], {kKeyPx, true, light, Align::centre});
    ink.text(w() / 2, h() - 6, letters[3], {kKeyPx, true, light, Align::centre});

    const int through = axes_of(plane_).through;
    const double mm = content_.at[through];
    static constexpr const char* kNames[3] = {"Axial", "Coronal", "Sagittal"};
    static constexpr const char* kWays[3][2] = {{"left", "right"}, {"behind", "in front"}, {"below", "above"}};
    QString name = QString::fromLatin1(kNames[static_cast<int>(plane_)]);
    ink.text(8, 18, name, {kSmallPx, true, light});
    const long whole_mm = std::lround(std::abs(mm));
    const QString where =
        whole_mm == 0 && sagittal
            ? QStringLiteral("midline")
            : QStringLiteral("%1 mm %2").arg(whole_mm).arg(QLatin1String(kWays[through][mm > 0 ? 1 : 0]));
    ink.text(w() - 8, 18, where, {kSmallPx, false, grey, Align::right, w() / 2 - 24});
    if (!sagittal) {
        ink.text(8, h() - 7, QStringLiteral("left is left"), {kSmallPx, false, grey});
    } else if (std::abs(mm) >= 1.0) {
        const Side side = mm < 0 ? Side::left : Side::right;
        ink.text(8, h() - 7,
                 QStringLiteral("%1, %2 half").arg(QLatin1String(to_letter(side)), QLatin1String(to_word(side))),
                 {kSmallPx, true, dark_theme().of(side)});
    }
}

}  // namespace precentral
