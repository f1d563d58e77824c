namespace KisFeed.Coordination.Tests.Model;

/// <summary>An ingest process with sessions of one or more app keys.</summary>
internal sealed class ModelIngest : ModelProcess
{
    public ModelIngest(ModelWorld world, ModelBroker broker, string name, IEnumerable<string> appKeys, ModelRandom random)
        : base(world, name, random)
    {
        Units = [.. appKeys.Select(appKey => new ModelUnit(this, broker, appKey))];
        foreach (var unit in Units)
            unit.Start();
    }

    public IReadOnlyList<ModelUnit> Units { get; }

    public override void Wake()
    {
        foreach (var unit in Units)
            unit.Wake();
    }

    protected override void OnStopping()
    {
        foreach (var unit in Units)
            unit.Stop();
    }

    protected override void OnGone()
    {
        foreach (var unit in Units)
            unit.Session?.Die();
    }
}
