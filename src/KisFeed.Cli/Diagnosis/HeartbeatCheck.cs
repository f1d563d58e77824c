namespace KisFeed.Cli.Diagnosis;

/// <summary>Checks whether the service sends heartbeats. It seems to do so only on idle sessions, so their absence proves little.</summary>
internal sealed class HeartbeatCheck() : Check("heartbeat", isRequired: false)
{
    public override Task<IReadOnlyList<Finding>> RunAsync(DoctorContext context, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Finding>>([Check(context)]);

    private Finding Check(DoctorContext context)
    {
        if (context.Heartbeats.Read() is > 0 and var count)
            return Ok($"{count} received and answered");
        if (context.Subscription is null)
            return Skipped("nothing is subscribed to");
        return Note(context.First is null
            ? "none received, which proves nothing: intervals of 5 to 110 seconds are reported"
            : "not awaited, because data was received: the service sends heartbeats on idle sessions");
    }
}
