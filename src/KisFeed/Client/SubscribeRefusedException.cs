using KisFeed.Wire;

namespace KisFeed;

/// <summary>The server refused a registration.</summary>
public sealed class SubscribeRefusedException : KisFeedException
{
    /// <summary>Without a message.</summary>
    public SubscribeRefusedException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public SubscribeRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what it was found by.</summary>
    public SubscribeRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The code of the broker.</summary>
    public BrokerCode Code { get; init; }

    /// <summary>The text of the broker.</summary>
    public string BrokerText { get; init; } = "";
}
