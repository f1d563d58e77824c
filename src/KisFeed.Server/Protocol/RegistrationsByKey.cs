using System.Runtime.InteropServices;

namespace KisFeed.Server.Protocol;

/// <summary>The registrations of one feed across all sessions.</summary>
internal sealed class RegistrationsByKey
{
    private readonly List<ClientRegistration> _all = [];
    private readonly Dictionary<string, List<ClientRegistration>> _byKey = new(StringComparer.Ordinal);

    /// <summary>All registrations, in the order in which they were added.</summary>
    public ReadOnlySpan<ClientRegistration> All => CollectionsMarshal.AsSpan(_all);

    public ReadOnlySpan<ClientRegistration> OfKey(scoped ReadOnlySpan<char> key) =>
        _byKey.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out var registrations)
            ? CollectionsMarshal.AsSpan(registrations)
            : [];

    public void Add(ClientRegistration registration)
    {
        _all.Add(registration);
        if (!_byKey.TryGetValue(registration.TrKey, out var ofKey))
            _byKey.Add(registration.TrKey, ofKey = []);
        ofKey.Add(registration);
    }

    /// <summary>Removes a registration. Returns <see langword="false"/> if it is unknown.</summary>
    public bool Remove(ClientRegistration registration)
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
