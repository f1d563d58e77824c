using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests.Browsing;

/// <summary>What somebody looks with.</summary>
internal sealed record View
{
    /// <summary>A desktop screen in Korea.</summary>
    public static View Desktop { get; } = new();

    /// <summary>A phone that is held upright.</summary>
    public static View Phone { get; } = new() { Width = 390, Height = 844, Scale = 2, HasTouch = true };

    public int Width { get; init; } = 1440;

    public int Height { get; init; } = 1000;

    public float Scale { get; init; } = 1;

    public bool HasTouch { get; init; }

    public bool IsDark { get; init; }

    /// <summary>The browser's language, as a tag.</summary>
    public string Language { get; init; } = "ko-KR";

    /// <summary>Where the browser is: market time is Korea's wherever that be.</summary>
    public string TimeZone { get; init; } = "Asia/Seoul";

    public override string ToString() => $"{(HasTouch ? "phone" : "desktop")}-{(IsDark ? "dark" : "light")}-{Language[..2]}";

    /// <summary>As the browser wants to be told.</summary>
    public BrowserNewContextOptions ToOptions() => new()
    {
        ViewportSize = new ViewportSize { Width = Width, Height = Height },
        DeviceScaleFactor = Scale,
        HasTouch = HasTouch,
        IsMobile = HasTouch,
        ColorScheme = IsDark ? ColorScheme.Dark : ColorScheme.Light,
        Locale = Language,
        TimezoneId = TimeZone,
    };
}
