namespace KisFeed.Cli.Tests.Running;

/// <summary>Standard error that interrupts the command as soon as a line of it begins in a certain way.</summary>
internal sealed class InterruptingError(CancellationTokenSource interruption, string beginning) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.StartsWith(beginning, StringComparison.Ordinal) == true)
            interruption.Cancel();
    }
}
