using Microsoft.Playwright;

namespace KisFeed.Dashboard.Tests.Browsing;

/// <summary>The screen, language, theme and time zone of a browser.</summary>
internal sealed record View
{
    /// <summary>A desktop screen in Korea.</summary>
    public static View Desktop { get; } = new();

    /// <summary>A phone in portrait orientation.</summary>
    public static View Phone { get; } = new() { Width = 390, Height = 844, Scale = 2, HasTouch = true };

    public int Width { get; init; } = 1440;

    public int Height { get; init; } = 1000;

    public float Scale { get; init; } = 1;

    public bool HasTouch { get; init; }

    public bool IsDark { get; init; }

    /// <summary>The browser's language, as a tag.</summary>
    public string Language { get; init; } = "ko-KR";

    /// <summary>The browser's time zone. Market time is always Korean time.</summary>
    public string TimeZone { get; init; } = "Asia/Seoul";

    public override string ToString() => $"{(HasTouch ? "phone" : "desktop")}-{(IsDark ? "dark" : "light")}-{Language[..2]}";

    /// <summary>The options for Playwright.</summary>
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
