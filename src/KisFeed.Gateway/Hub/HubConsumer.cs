using KisFeed.Session;

namespace KisFeed.Gateway;

/// <summary>One of those who share upstream's places: a consumer with a token, over all its connections, or one connection where nobody needs a token.</summary>
/// <param name="name">What logs call it.</param>
/// <param name="maxPlaces">How many places it may hold, whether or not others are connected; <see langword="null"/> where that is shared out.</param>
/// <param name="newRegistrations">How often new keys may be registered upstream for it.</param>
internal sealed class HubConsumer(string name, Func<int?> maxPlaces, RateBudget newRegistrations)
{
    /// <summary>What logs call it.</summary>
    public string Name => name;

    /// <summary>How many places it may hold at most; <see langword="null"/> where that is shared out.</summary>
    public int? MaxPlaces => maxPlaces();

    /// <summary>How often new keys may be registered upstream for it.</summary>
    public RateBudget NewRegistrations => newRegistrations;

    /// <summary>Its connections. The book's.</summary>
    internal int Connections { get; set; }
}
