namespace KisFeed.Soak.Measures;

/// <summary>How it went up to a moment of the run.</summary>
/// <param name="At">Since the run began.</param>
/// <param name="State">What the process takes.</param>
/// <param name="Flow">What has come since the run began.</param>
internal sealed record Sample(TimeSpan At, ProcessState State, Flow Flow);
