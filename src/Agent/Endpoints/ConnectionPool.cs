using Microsoft.AspNetCore.Connections;

namespace EtcdFleet.Agent.Endpoints;

/// <summary>How many connections one listener has at once. Over the limit an older one makes room, the oldest of whoever has most: a newcomer who says what he
/// wants is served, however many there are who say nothing, and a flood closes its own.</summary>
/// <param name="most">All of them.</param>
/// <param name="mostOfOne">Of one owner: an address, or an identity.</param>
internal sealed class ConnectionPool(int most, int mostOfOne)
{
    private readonly Lock _gate = new();

    /// <summary>The oldest first.</summary>
    private readonly LinkedList<Place> _places = [];
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>How many there are now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _places.Count;
            }
        }
    }

    /// <summary>Takes a connection in, and closes an older one where there is no room.</summary>
    /// <returns>Its place; disposing of it leaves the pool.</returns>
    public IDisposable Enter(BaseConnectionContext connection, string owner)
    {
        Place? closed = null;
        var place = new Place(this, connection, owner);
        lock (_gate)
        {
            if (_counts.GetValueOrDefault(owner) >= mostOfOne)
            {
                closed = _places.First(older => older.Owner == owner);
            }
            else if (_places.Count >= most)
            {
                var largest = _counts.Values.Max();
                closed = _places.First(older => _counts[older.Owner] == largest);
            }

            Remove(closed);

            place.Node = _places.AddLast(place);
            _counts[owner] = _counts.GetValueOrDefault(owner) + 1;
        }

        closed?.Connection.Abort(new ConnectionAbortedException("another connection needed its place"));
        return place;
    }

    private void Remove(Place? place)
    {
        if (place?.Node is not { } node)
        {
            return;
        }

        _places.Remove(node);
        place.Node = null;
        if (--_counts[place.Owner] == 0)
        {
            _counts.Remove(place.Owner);
        }
    }

    private sealed class Place(ConnectionPool pool, BaseConnectionContext connection, string owner) : IDisposable
    {
        public BaseConnectionContext Connection => connection;

        public string Owner => owner;

        /// <summary>Null once it is out of the pool.</summary>
        public LinkedListNode<Place>? Node { get; set; }

        public void Dispose()
        {
            lock (pool._gate)
            {
                pool.Remove(this);
            }
        }
    }
}
