using KisFeed.Wire;

namespace KisFeed.Gateway;

/// <summary>Why a stream does not get a key.</summary>
/// <param name="Target">The key.</param>
/// <param name="Code">The service's code; <see langword="null"/> where it was not asked.</param>
/// <param name="Reason">Why, and what to do.</param>
internal sealed record StreamRefusal(StreamTarget Target, BrokerCode? Code, string Reason);
