using System.Runtime.InteropServices;

namespace KisFeed.Soak.Checks;

/// <summary>What a record says of its place among the others.</summary>
/// <param name="IsOfKey">Whether it is of the key that was subscribed to.</param>
/// <param name="Total">The cumulative volume, or the number.</param>
/// <param name="Own">The record's own volume.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Reading(bool IsOfKey, long? Total, long? Own);
