using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>Who may use the gateway, and what for. For any thread; asked anew each time, so that what is changed takes effect at once.</summary>
internal interface IConsumers
{
    /// <summary>Whether everybody is let in who can reach the gateway.</summary>
    bool IsOpen { get; }

    /// <summary>Whether there is a consumer with this app key.</summary>
    bool HasAppKey(string appKey);

    /// <summary>Whether a secret is that of the consumer with this app key. Compares in constant time.</summary>
    bool HasSecret(string appKey, string appSecret);

    /// <summary>Whether the consumer with this app key may have a feed.</summary>
    /// <returns>The code to refuse with; <see langword="null"/> where it may.</returns>
    BrokerCode? Check(string appKey, FeedSchema feed);
}
