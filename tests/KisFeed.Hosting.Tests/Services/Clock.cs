namespace KisFeed.Hosting.Tests.Services;

/// <summary>A time of the container's own, told apart from the system's by its identity.</summary>
internal sealed class Clock : TimeProvider;
