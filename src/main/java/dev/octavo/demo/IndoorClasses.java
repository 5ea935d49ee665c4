package dev.octavo.demo;

import java.util.List;

/** The names of Indoor-67's classes, as its folders spell them. */
final class IndoorClasses {
  /** Sorted, so that an index in this list is the {@code label_id} of the dataset. */
  static final List<String> NAMES =
      List.of(
          ("airport_inside artstudio auditorium bakery bar bathroom bedroom bookstore bowling buffet"
                  + " casino children_room church_inside classroom cloister closet clothingstore"
                  + " computerroom concert_hall corridor deli dentaloffice dining_room elevator"
                  + " fastfood_restaurant florist gameroom garage greenhouse grocerystore gym"
                  + " hairsalon hospitalroom inside_bus inside_subway jewelleryshop kindergarden"
                  + " kitchen laboratorywet laundromat library livingroom lobby locker_room mall"
                  + " meeting_room movietheater museum nursery office operating_room pantry"
                  + " poolinside prisoncell restaurant restaurant_kitchen shoeshop stairscase"
                  + " studiomusic subway toystore trainstation tv_studio videostore waitingroom"
                  + " warehouse winecellar")
              .split(" "));

  private IndoorClasses() {}
}
