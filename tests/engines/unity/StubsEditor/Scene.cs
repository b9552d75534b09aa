// Objects, components and the loop of the game: OnEnable when a component is added to an active object or its object becomes
// active, Start before its first Update, then Update of all, then LateUpdate of all, once a frame.
using System;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine
{
    public class Object
    {
        public string name { get; set; }
        public static void Destroy(Object one) { }
        public static T Instantiate<T>(T original, Transform parent) where T : Object { return original; }
        public static implicit operator bool(Object one) { return !ReferenceEquals(one, null); }
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform { get { return gameObject.transform; } }
        public T GetComponent<T>() { return gameObject.GetComponent<T>(); }
        public T[] GetComponentsInChildren<T>(bool includeInactive = false)
        {
            return gameObject.GetComponentsInChildren<T>(includeInactive);
        }
    }

    public class Behaviour : Component { }

    public class MonoBehaviour : Behaviour
    {
        internal bool IsEnabled, HasStarted;

        internal void Call(string name)
        {
            MethodInfo method = GetType().GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic);
            if (method != null) { method.Invoke(this, null); }
        }
    }

    public class Transform : Component
    {
        public readonly List<Transform> Children = new List<Transform>();
        public Transform parent { get; set; }
        public Vector3 position { get; set; }
        public Vector3 localPosition { get; set; }
        public Vector3 localScale { get; set; }
        public Vector3 forward { get; set; }
        public Vector3 right { get; set; }
        public Vector3 up { get; set; }
        public Quaternion rotation { get; set; }
        public Quaternion localRotation { get; set; }
        public void SetPositionAndRotation(Vector3 position, Quaternion rotation) { this.position = position; }
        public void SetParent(Transform parent, bool worldPositionStays) { this.parent = parent; parent.Children.Add(this); }
    }

    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube, Plane, Quad }

    public sealed class GameObject : Object
    {
        public readonly List<Component> All = new List<Component>();
        bool _isActive = true;

        public GameObject() : this("") { }

        public GameObject(string name)
        {
            this.name = name;
            AddComponent<Transform>();
            Game.Objects.Add(this);
        }

        public string tag { get; set; }
        public Transform transform { get { return (Transform)All[0]; } }
        public T GetComponent<T>() { return (T)(object)All.Find(one => one is T); }
        public T[] GetComponentsInChildren<T>(bool includeInactive = false) { return Children<T>().ToArray(); }

        public void SetActive(bool value)
        {
            _isActive = value;
            foreach (Component one in All.ToArray()) { Game.Enable(one as MonoBehaviour, value); }
        }

        public T AddComponent<T>() where T : Component, new()
        {
            var one = new T { gameObject = this };
            All.Add(one);
            if (_isActive) { Game.Enable(one as MonoBehaviour, true); }
            return one;
        }

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            var one = new GameObject(type.ToString());
            one.AddComponent<MeshRenderer>();
            return one;
        }

        List<T> Children<T>()
        {
            var found = new List<T>();
            foreach (object one in All) { if (one is T) { found.Add((T)one); } }
            foreach (Transform child in transform.Children) { found.AddRange(child.gameObject.Children<T>()); }
            return found;
        }
    }

    /// The loop, for whoever plays it.
    public static class Game
    {
        public static bool IsPlayed;
        public static readonly List<GameObject> Objects = new List<GameObject>();
        /// Sees a component right before its OnEnable.
        public static Action<MonoBehaviour> Enabling = one => { };

        public static List<T> Find<T>() where T : class
        {
            var found = new List<T>();
            foreach (GameObject each in Objects)
            {
                foreach (object one in each.All) { if (one is T) { found.Add((T)one); } }
            }
            return found;
        }

        public static void Frame()
        {
            List<MonoBehaviour> all = Find<MonoBehaviour>().FindAll(one => one.IsEnabled);
            foreach (MonoBehaviour one in all)
            {
                if (!one.HasStarted) { one.Call("Start"); }
                one.HasStarted = true;
            }
            foreach (MonoBehaviour one in all) { one.Call("Update"); }
            foreach (MonoBehaviour one in all) { one.Call("LateUpdate"); }
        }

        internal static void Enable(MonoBehaviour one, bool value)
        {
            if (!IsPlayed || ReferenceEquals(one, null) || one.IsEnabled == value) { return; }
            if (value) { Enabling(one); }
            one.IsEnabled = value;
            one.Call(value ? "OnEnable" : "OnDisable");
        }
    }
}
