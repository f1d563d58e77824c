using System.Runtime.InteropServices;

namespace KisFeed.Server;

/// <summary>The registrations of one feed, over all sessions.</summary>
internal sealed class FeedRegistrations
{
    private readonly List<Registration> _all = [];
    private readonly Dictionary<string, List<Registration>> _byKey = new(StringComparer.Ordinal);

    /// <summary>All of them, in the order in which they came.</summary>
    public ReadOnlySpan<Registration> All => CollectionsMarshal.AsSpan(_all);

    /// <summary>Those of a key.</summary>
    public ReadOnlySpan<Registration> OfKey(scoped ReadOnlySpan<char> key) =>
        _byKey.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var registrations) ? CollectionsMarshal.AsSpan(registrations) : [];

    public void Add(Registration registration)
    {
        _all.Add(registration);
        if (!_byKey.TryGetValue(registration.TrKey, out var ofKey))
            _byKey.Add(registration.TrKey, ofKey = []);
        ofKey.Add(registration);
    }

    /// <summary>Forgets one; <see langword="false"/> where it is not known.</summary>
    public bool Remove(Registration registration)
    {
        if (!_all.Remove(registration))
            return false;
        var ofKey = _byKey[registration.TrKey];
        ofKey.Remove(registration);
        if (ofKey.Count == 0)
            _byKey.Remove(registration.TrKey);
        return true;
    }
}
